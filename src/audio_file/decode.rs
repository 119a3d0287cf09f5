//! FLAC, AIFF, OGG Vorbis, MP3 and the rarer forms of WAV through symphonia.

use super::mix::Mix;
use super::{AudioFileError, Kind, Reading, Recording, check_channels, check_rate};
use std::fs::File;
use std::io::{self, Cursor, Read as _, Seek as _};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::packet::Packet;

/// Most streams chained in one OGG file that are read.
const MAX_STREAMS: usize = 1_000;

/// Reads a file from its beginning, up to where it is cut short.
pub(super) fn read(file: File, kind: &Kind, reading: &Reading<'_>) -> Result<Recording, AudioFileError> {
    let mut format = open(file, kind)?;
    let mut decoding = Decoding { mix: None, reading, num_packets: 0, num_damaged: 0, piece: Vec::new() };
    for _ in 0..MAX_STREAMS {
        if !read_stream(format.as_mut(), kind, &mut decoding)? {
            break;
        }
    }
    decoding.finish()
}

fn open(file: File, kind: &Kind) -> Result<Box<dyn FormatReader>, AudioFileError> {
    const RIFF: &[u8] = b"RIFF";
    let mut again = file.try_clone().map_err(AudioFileError::Read)?;
    if matches!(kind, Kind::Rf64 { .. }) {
        // Symphonia does not know RF64. It is a WAV whose lengths are unknown, and those it reads: it is shown one.
        again.seek(io::SeekFrom::Start(RIFF.len() as u64)).map_err(AudioFileError::Read)?;
        return probe(Box::new(ReadOnlySource::new(Cursor::new(RIFF).chain(again)))).map_err(refusal);
    }
    match probe(Box::new(file)) {
        // It looks for what follows the sound of an AIFF file, and refuses one that is cut short. As a stream, in
        // which it cannot look ahead, it reads it.
        Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            again.rewind().map_err(AudioFileError::Read)?;
            probe(Box::new(ReadOnlySource::new(again))).map_err(refusal)
        }
        probed => probed.map_err(refusal),
    }
}

fn probe(source: Box<dyn MediaSource>) -> Result<Box<dyn FormatReader>, Error> {
    let stream = MediaSourceStream::new(source, Default::default());
    symphonia::default::get_probe().probe(&Hint::new(), stream, Default::default(), Default::default())
}

/// Decodes one stream. True if another is chained to it.
fn read_stream(
    format: &mut dyn FormatReader,
    kind: &Kind,
    decoding: &mut Decoding<'_>,
) -> Result<bool, AudioFileError> {
    let track = format.default_track(TrackType::Audio);
    let Some((track_id, CodecParameters::Audio(parameters))) =
        track.and_then(|track| Some((track.id, track.codec_params.clone()?)))
    else {
        return Err(AudioFileError::Undecodable { reason: "it holds no audio in a known code".to_owned() });
    };
    // Before a decoder makes room for them.
    if let Some(channels) = &parameters.channels {
        check_channels(channels.count())?;
    }
    if let Some(rate_hz) = parameters.sample_rate {
        check_rate(rate_hz)?;
    }
    let max_samples = match kind {
        Kind::Rf64 { data_bytes } => rf64_samples(*data_bytes, &parameters),
        _ => u64::MAX,
    };
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&parameters, &Default::default())
        .map_err(refusal)?;
    while decoding.num_samples() < max_samples {
        match format.next_packet() {
            Ok(Some(packet)) if packet.track_id == track_id => {
                decoding.push(decoder.as_mut(), &packet, max_samples)?;
            }
            Ok(Some(_)) => {}
            Err(Error::ResetRequired) => return Ok(true),
            Err(Error::IoError(error)) if error.raw_os_error().is_some() => {
                return Err(AudioFileError::Read(error));
            }
            // The end, or as far as the file makes sense.
            Ok(None) | Err(_) => return Ok(false),
        }
    }
    Ok(false)
}

/// Samples of each channel in so many bytes, so that what follows them is not taken for sound.
fn rf64_samples(data_bytes: u64, parameters: &AudioCodecParameters) -> u64 {
    let bits = parameters.bits_per_coded_sample.or(parameters.bits_per_sample);
    let num_channels = parameters.channels.as_ref().map(|channels| channels.count() as u64);
    match (bits, num_channels) {
        (Some(bits), Some(num_channels)) if 0 < bits && 0 < num_channels => {
            data_bytes / (u64::from(bits).div_ceil(8) * num_channels)
        }
        _ => u64::MAX,
    }
}

/// A recording as it is decoded.
struct Decoding<'a> {
    /// From the first packet that decodes: only then are rate and channels sure.
    mix: Option<Mix<'a>>,
    reading: &'a Reading<'a>,
    num_packets: u64,
    num_damaged: u64,
    /// One decoded packet. Shape `[samples][channels]`.
    piece: Vec<f32>,
}

impl Decoding<'_> {
    fn num_samples(&self) -> u64 {
        self.mix.as_ref().map_or(0, |mix| mix.num_samples())
    }

    /// Decodes one packet; what does not decode, or changes rate or channels on the way, is counted and passed over.
    fn push(
        &mut self,
        decoder: &mut dyn AudioDecoder,
        packet: &Packet,
        max_samples: u64,
    ) -> Result<(), AudioFileError> {
        self.num_packets += 1;
        let Ok(decoded) = decoder.decode(packet) else {
            self.num_damaged += 1;
            return Ok(());
        };
        if decoded.frames() == 0 {
            return Ok(());
        }
        let (rate_hz, num_channels) = (decoded.spec().rate(), decoded.spec().channels().count());
        let mix = match &mut self.mix {
            Some(mix) => mix,
            None => self.mix.insert(Mix::new(rate_hz, num_channels, self.reading)?),
        };
        if (mix.source_rate(), mix.num_channels()) != (rate_hz, num_channels) {
            self.num_damaged += 1;
            return Ok(());
        }
        decoded.copy_to_vec_interleaved(&mut self.piece);
        let num_left = max_samples.saturating_sub(mix.num_samples()).saturating_mul(num_channels as u64);
        let num_piece = usize::try_from(num_left).unwrap_or(usize::MAX).min(self.piece.len());
        mix.push(&self.piece[..num_piece])
    }

    fn finish(self) -> Result<Recording, AudioFileError> {
        // Half: a damaged spot costs a packet or two, a damaged file nearly all.
        if self.num_packets < 2 * self.num_damaged {
            return Err(AudioFileError::Damaged {
                num_damaged: self.num_damaged,
                num_packets: self.num_packets,
            });
        }
        self.mix.ok_or(AudioFileError::Empty)?.finish()
    }
}

/// Why symphonia does not begin.
fn refusal(error: Error) -> AudioFileError {
    let reason = match error {
        Error::IoError(error) if error.raw_os_error().is_some() => return AudioFileError::Read(error),
        Error::IoError(_) => "its header is cut short".to_owned(),
        error => error.to_string(),
    };
    AudioFileError::Undecodable { reason }
}
