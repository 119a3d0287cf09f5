//! `mynah learn`: from recordings to a model, and a report beside it.

use super::interrupt::{finish_when_asked, writing};
use super::learn_bar::{Audience, LearnBar};
use super::tell::path_text as text;
use super::{exit_codes, output, tell, values};
use crate::engine::ParamId;
use crate::learn::report::{Report, ReportConfig, report};
use crate::learn::{LearnConfig, LearnControl, Learned, Request, learn};
use crate::model::{Model, ModelError};
use crate::render::{FreeRunConfig, free_run};
use crate::units::{SampleRate, Seconds};
use crate::whole_file::write_whole;
use anyhow::{anyhow, bail};
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

/// Generated excerpts in the report.
const NUM_EXCERPTS: u64 = 3;

/// Length of each, seconds: the report plays the beginning and measures all of it.
const EXCERPT_SECONDS: f32 = 20.0;

/// Most threads that may be asked for.
const MAX_THREADS: i64 = 256;

/// Learn a model from recordings.
///
/// Folders are searched for WAV, FLAC, AIFF, OGG Vorbis and MP3. Files that cannot be used are named with the reason,
/// and learning goes on with the rest. It stops by itself when it no longer improves; Ctrl-C stops it early and keeps
/// the best so far, a second Ctrl-C ends at once and keeps nothing. Beside the model it writes NAME.report.html, a
/// page to look at and listen to.
///
/// The same recordings, seed and number of threads give the same model on one machine, unless time ran out.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
    "Example: learn a voice from a folder, then look at voice.report.html in a browser\n",
    "  mynah learn recordings/ -o voice.mynah --name \"Aunt May\" --licence CC-BY-4.0\n\n",
    exit_codes!()
))]
pub(super) struct Args {
    /// Folders of recordings, or single files.
    #[arg(required = true, value_name = "FOLDER")]
    paths: Vec<PathBuf>,
    /// The model to write; `.mynah` is added where it is missing.
    #[arg(short, long, value_name = "NAME.mynah")]
    output: PathBuf,
    /// Name shown to players; the file's name where not given.
    #[arg(long)]
    name: Option<String>,
    /// Who made the model.
    #[arg(long, default_value = "", hide_default_value = true)]
    author: String,
    /// Licence of the model and its recordings.
    #[arg(long, default_value = "", hide_default_value = true)]
    licence: String,
    /// Seed of all chance in learning.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads; as many as there are cores where not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_THREADS))]
    threads: Option<u16>,
    /// Longest time for all of it, analysis included, minutes.
    #[arg(long, value_name = "M", default_value = "10", value_parser = values::minutes, allow_negative_numbers = true)]
    max_minutes: f32,
    /// Write no report.
    #[arg(long)]
    no_report: bool,
    /// Show no progress.
    #[arg(long)]
    quiet: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        static CONTROL: LearnControl = LearnControl::new();
        // Nobody should wait ten minutes to learn that the folder was mistyped.
        let path = output::checked(&self.output, "mynah")?;
        let report_path = path.with_extension("report.html");
        if !self.no_report {
            crate::whole_file::check_writable(&report_path)?;
        }
        finish_when_asked(&CONTROL)?;
        let config = self.config(&path);
        let mut bar = LearnBar::new(if self.quiet { Audience::Nobody } else { Audience::Any });
        let learned = learn(&config, &mut |progress| bar.show(&progress), &CONTROL);
        bar.finish();
        let is_early = Request::GoOn < CONTROL.request();
        let learned = learned?;
        for refusal in &learned.refused {
            tell::note(&format!("not used: {refusal}"));
        }
        if is_early {
            tell::note("stopped early: the best model so far is kept");
        }
        let outcome = Outcome { learned: &learned, path: &path, report_path: &report_path, is_early };
        tell::answer(&outcome.keep(&self)?);
        Ok(())
    }

    fn config(&self, path: &Path) -> LearnConfig {
        let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let cores = || available_parallelism().map_or(1, usize::from);
        LearnConfig {
            paths: self.paths.clone(),
            name: self.name.clone().unwrap_or_else(stem),
            author: self.author.clone(),
            licence: self.licence.clone(),
            seed: self.seed,
            threads: self.threads.map_or_else(cores, usize::from),
            max_minutes: self.max_minutes,
        }
    }
}

/// What was learned, and where it goes.
struct Outcome<'a> {
    learned: &'a Learned,
    path: &'a Path,
    report_path: &'a Path,
    is_early: bool,
}

impl Outcome<'_> {
    /// Writes the model, then its report; returns what there is to say.
    fn keep(&self, args: &Args) -> anyhow::Result<String> {
        if let Err(error) = writing(|| self.learned.model.save(self.path)) {
            return Err(self.keep_elsewhere(&error));
        }
        let report = if args.no_report { None } else { Some(report_of(self.learned, self.path)) };
        if let Some(report) = &report
            && let Err(error) = writing(|| write_whole(self.report_path, report.html.as_bytes()))
        {
            bail!("the report: {error}; the model itself is in {}", self.path.display());
        }
        Ok(if args.json { format!("{:#}", self.json(report.as_ref())) } else { self.text(report.is_some()) })
    }

    /// A disk that filled meanwhile shall not cost the minutes of learning: the model goes to the folder of temporary
    /// files, and the error says where.
    fn keep_elsewhere(&self, error: &ModelError) -> anyhow::Error {
        let kept = self.learned.model.to_bytes().map_err(anyhow::Error::from).and_then(|bytes| {
            let mut file = tempfile::Builder::new().prefix("learned-").suffix(".mynah").tempfile()?;
            file.write_all(&bytes)?;
            Ok(file.keep()?.1)
        });
        match kept {
            Ok(path) => anyhow!("{error}; what was learned is in {}", path.display()),
            Err(_) => anyhow!("{error}"),
        }
    }

    fn json(&self, report: Option<&Report>) -> serde_json::Value {
        let learned = self.learned;
        let files = learned.files.iter().map(
            |file| json!({ "path": text(&file.path), "seconds": file.seconds, "held_out": file.held_out }),
        );
        let refused =
            learned.refused.iter().map(|refusal| json!({ "name": refusal.name, "reason": refusal.reason }));
        let distances = report.and_then(|report| report.distances);
        json!({
            "model": text(self.path),
            "report": report.map(|_| text(self.report_path)),
            "stopped_early": self.is_early,
            "card": learned.model.card,
            "files": files.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(),
            "mmd2_generated_to_held_out": distances.map(|distances| distances.generated_to_held_out),
            "mmd2_half_to_half": distances.map(|distances| distances.half_to_half),
        })
    }

    fn text(&self, has_report: bool) -> String {
        let card = &self.learned.model.card;
        let mut text = format!(
            "{}: learned from {} files, {:.0} s of sound, in {:.0} s; held out {:.2} nats a frame",
            self.path.display(),
            card.corpus.num_files,
            card.corpus.seconds,
            self.learned.seconds,
            card.learning.held_out
        );
        if has_report {
            text.push_str(&format!("\n{}: look and listen in a browser", self.report_path.display()));
        }
        text
    }
}

/// The report, with new material at the settings that a player finds.
fn report_of(learned: &Learned, path: &Path) -> Report {
    let model = Arc::new(learned.model.clone());
    let generated: Vec<Vec<f32>> = (0..NUM_EXCERPTS).map(|seed| excerpt(&model, seed)).collect();
    let [chance, memory] = [ParamId::Chance, ParamId::Memory].map(|id| id.spec().text(id.spec().default));
    report(&ReportConfig {
        model: &learned.model,
        seconds: learned.seconds,
        model_file: &crate::whole_file::printable_name(path),
        files: &learned.files,
        refused: &learned.refused,
        generated: &generated,
        generated_how: &format!("free run, Chance {chance}, Memory {memory}"),
    })
}

fn excerpt(model: &Arc<Model>, seed: u64) -> Vec<f32> {
    let config = FreeRunConfig {
        length: Seconds(EXCERPT_SECONDS),
        seed,
        sample_rate: SampleRate(crate::learn::report::RATE_HZ as f32),
        ..FreeRunConfig::default()
    };
    free_run(Arc::clone(model), &config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio_file::Refusal;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn a_model_and_its_report_are_written_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (path, report_path) = (folder.path().join("a.mynah"), folder.path().join("a.report.html"));
        let learned = Learned {
            model: (*crate::fixture::model(1)).clone(),
            files: Vec::new(),
            refused: vec![Refusal { name: "b.wav".to_owned(), reason: "silent".to_owned() }],
            seconds: 12.0,
        };
        let outcome = Outcome { learned: &learned, path: &path, report_path: &report_path, is_early: true };
        let answer = outcome.keep(&Alone::parse_from(["learn", "in", "-o", "a", "--json"]).args).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["stopped_early"], true);
        assert_eq!(Model::load(&path).unwrap().card, learned.model.card);
        let html = std::fs::read_to_string(&report_path).unwrap();
        assert!(html.contains("b.wav") && html.contains("data:audio/wav"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    fn learned() -> Learned {
        let file = crate::learn::UsedFile {
            path: not_unicode(),
            name: "b".to_owned(),
            seconds: 12.0,
            held_out: false,
        };
        let model = (*crate::fixture::model(1)).clone();
        Learned { model, files: vec![file], refused: Vec::new(), seconds: 12.0 }
    }

    #[cfg(unix)]
    fn not_unicode() -> PathBuf {
        use std::os::unix::ffi::OsStrExt as _;
        std::ffi::OsStr::from_bytes(b"b\xff.wav").into()
    }

    #[cfg(not(unix))]
    fn not_unicode() -> PathBuf {
        "b\u{fffd}.wav".into()
    }

    #[test]
    fn an_answer_for_machines_has_names_that_are_not_unicode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mynah");
        let outcome = Outcome { learned: &learned(), path: &path, report_path: &path, is_early: false };
        let args = Alone::parse_from(["learn", "in", "-o", "a", "--json", "--no-report"]).args;
        let answer: serde_json::Value = serde_json::from_str(&outcome.keep(&args).unwrap()).unwrap();
        assert_eq!(answer["files"][0]["path"], "b\u{fffd}.wav");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_filled_does_not_cost_what_was_learned() {
        let (learned, path) = (learned(), Path::new("/dev/full"));
        let outcome = Outcome { learned: &learned, path, report_path: path, is_early: false };
        let args = Alone::parse_from(["learn", "in", "-o", "a"]).args;
        let error = outcome.keep(&args).unwrap_err().to_string();
        assert!(error.contains("the disk is full"), "{error}");
        let kept = Path::new(error.split(" is in ").nth(1).unwrap());
        assert_eq!(Model::load(kept).unwrap(), learned.model);
        std::fs::remove_file(kept).unwrap();
    }

    #[test]
    fn the_name_of_a_model_is_that_of_its_file_unless_given() {
        let named = |args: &[&str]| {
            let args = [&["learn", "in", "-o", "a"], args].concat();
            Alone::parse_from(args).args.config("tea/dr.smith.mynah".as_ref()).name
        };
        assert_eq!(named(&[]), "dr.smith");
        assert_eq!(named(&["--name", "Aunt May"]), "Aunt May");
    }
}
