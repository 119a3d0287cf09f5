//! What hosts load: Mynah's CLAP and VST3 entry points, and nothing else.

use mynah_plugin::Mynah;

nice_plug::nice_export_clap!(Mynah);
nice_plug::nice_export_vst3!(Mynah);
