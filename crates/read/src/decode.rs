//! Stored bytes to text: decompression, transcoding to UTF-8 and the limits on both.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;
use nephoscope_model::Reason;

use crate::input::Limits;

/// Why the stream of decoded bytes broke off.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    fn error(reason: Reason, message: impl Into<String>) -> io::Error {
        io::Error::other(Fault {
            reason,
            message: message.into(),
        })
    }

    /// Returns what an error of the stream means.
    pub(crate) fn of(error: io::Error) -> Fault {
        let reason = match error.kind() {
            io::ErrorKind::PermissionDenied => Reason::Denied,
            io::ErrorKind::UnexpectedEof => Reason::Truncated,
            _ => Reason::NotRead,
        };
        match error.downcast::<Fault>() {
            Ok(fault) => fault,
            Err(error) => Fault {
                reason,
                message: lower_first(&error.to_string()),
            },
        }
    }
}

/// Makes a message of the operating system read like ours.
fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// A decoded stream and the count of stored bytes behind it.
pub(crate) struct Decoded<'a> {
    pub(crate) reader: Box<dyn Read + 'a>,
    pub(crate) stored: Rc<Cell<u64>>,
}

/// Opens a file and decodes it.
pub(crate) fn open(path: &Path, limits: &Limits) -> io::Result<Decoded<'static>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(Fault::error(Reason::NotRead, "is a folder"));
    }
    decode(file, limits)
}

/// Decodes a stream: by its first bytes gzip, zstd or plain, then by the first bytes of that UTF-8 or UTF-16.
pub(crate) fn decode<'a>(source: impl Read + 'a, limits: &Limits) -> io::Result<Decoded<'a>> {
    let stored = Rc::new(Cell::new(0));
    let counted = Counted {
        inner: source,
        count: Rc::clone(&stored),
    };
    let mut raw = BufReader::with_capacity(64 << 10, counted);
    let (magic, raw) = first_bytes(&mut raw, 4).map(|magic| (magic, raw))?;
    let unpacked: Box<dyn Read + 'a> = if magic.0.starts_with(&[0x1f, 0x8b]) {
        Box::new(Described {
            inner: MultiGzDecoder::new(BufReader::new(io::Cursor::new(magic.0).chain(raw))),
            what: "gzip",
            begun: false,
        })
    } else if is_zstd(&magic.0) {
        let chained = BufReader::new(io::Cursor::new(magic.0).chain(raw));
        Box::new(Described {
            inner: zstd::stream::read::Decoder::with_buffer(chained)?,
            what: "zstd",
            begun: false,
        })
    } else {
        Box::new(io::Cursor::new(magic.0).chain(raw))
    };
    let mut bounded = BufReader::new(Bounded {
        inner: unpacked,
        stored: Rc::clone(&stored),
        decoded: 0,
        limits: limits.clone(),
    });
    let start = first_bytes(&mut bounded, 4)?;
    let (skip, encoding) = encoding_of(&start.0);
    let mut rest = start.0;
    rest.drain(..skip.min(rest.len()));
    let failed = Failing(start.1);
    let chained = io::Cursor::new(rest).chain(failed).chain(bounded);
    let reader: Box<dyn Read + 'a> = match encoding {
        None => Box::new(chained),
        Some(decoder) => Box::new(Transcoded::new(Box::new(chained), decoder)),
    };
    Ok(Decoded { reader, stored })
}

/// An error met while looking at the first bytes, given after those bytes were read.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Takes up to `count` bytes off the front, with the error that came instead of more.
fn first_bytes(reader: &mut impl Read, count: u64) -> io::Result<(Vec<u8>, Option<io::Error>)> {
    let mut bytes = Vec::new();
    let error = reader.take(count).read_to_end(&mut bytes).err();
    match error {
        Some(error) if bytes.is_empty() => Err(error),
        error => Ok((bytes, error)),
    }
}

fn is_zstd(magic: &[u8]) -> bool {
    // RFC 8878 section 3.1: a frame, or a skippable frame before the first one.
    magic == [0x28, 0xb5, 0x2f, 0xfd] || matches!(magic, [first, 0x2a, 0x4d, 0x18] if (0x50..=0x5f).contains(first))
}

/// Returns how many bytes of mark to drop, and a decoder where the text is not UTF-8.
fn encoding_of(start: &[u8]) -> (usize, Option<Decoder>) {
    let little = || Some(UTF_16LE.new_decoder_without_bom_handling());
    let big = || Some(UTF_16BE.new_decoder_without_bom_handling());
    match start {
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, little()),
        [0xfe, 0xff, ..] => (2, big()),
        // JSON begins with one of few ASCII characters, so a zero beside it tells the byte order.
        [first, 0, ..] if opens(*first) => (0, little()),
        [0, second, ..] if opens(*second) => (0, big()),
        _ => (0, None),
    }
}

fn opens(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n')
}

/// Counts what is taken from the store.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Gives the errors of a decompressor the words a person needs.
struct Described<R> {
    inner: R,
    what: &'static str,
    begun: bool,
}

impl<R: Read> Read for Described<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(buffer) {
                Ok(read) => {
                    self.begun |= read > 0;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.describe(error)),
            }
        }
    }
}

impl<R> Described<R> {
    fn describe(&self, error: io::Error) -> io::Error {
        let what = self.what;
        let text = error.to_string();
        if error.kind() == io::ErrorKind::UnexpectedEof || text.contains("incomplete frame") {
            return Fault::error(Reason::Truncated, format!("the {what} data ends early"));
        }
        if error.get_ref().is_some_and(|inner| inner.is::<Fault>()) {
            return error;
        }
        let after = self.begun && (text.contains("header") || text.contains("Unknown frame"));
        let message = if after {
            format!("bytes follow the {what} data that are not {what}: {text}")
        } else {
            format!("damaged {what} data: {text}")
        };
        Fault::error(Reason::ParseError, message)
    }
}

/// Ends the stream with a fault when it decodes to more than the limits allow.
struct Bounded<R> {
    inner: R,
    stored: Rc<Cell<u64>>,
    decoded: u64,
    limits: Limits,
}

/// Below this a high ratio is harmless.
const RATIO_FROM: u64 = 64 << 20;

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.decoded += read as u64;
        if self.decoded > self.limits.max_decoded_bytes {
            let limit = self.limits.max_decoded_bytes;
            return Err(Fault::error(
                Reason::Truncated,
                format!("decodes to more than {limit} bytes, the rest was not read (help: raise --max-decoded-mib)"),
            ));
        }
        let ratio = self.limits.max_ratio;
        if self.decoded > RATIO_FROM && self.decoded / self.stored.get().max(1) > ratio {
            return Err(Fault::error(
                Reason::Truncated,
                format!(
                    "decodes to more than {ratio} times its size, the rest was not read (help: decompress it yourself if it is to be trusted)"
                ),
            ));
        }
        Ok(read)
    }
}

/// UTF-16 to UTF-8, refusing what is malformed.
struct Transcoded<'a> {
    inner: BufReader<Box<dyn Read + 'a>>,
    decoder: Decoder,
    output: Vec<u8>,
    given: usize,
    read: u64,
    ended: bool,
}

impl<'a> Transcoded<'a> {
    fn new(inner: Box<dyn Read + 'a>, decoder: Decoder) -> Self {
        Transcoded {
            inner: BufReader::with_capacity(32 << 10, inner),
            decoder,
            output: Vec::new(),
            given: 0,
            read: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let source = self.inner.fill_buf()?;
        let last = source.is_empty();
        let mut text = String::with_capacity(
            self.decoder
                .max_utf8_buffer_length_without_replacement(source.len())
                .unwrap_or(source.len().saturating_mul(3) + 16),
        );
        let (result, taken) = self
            .decoder
            .decode_to_string_without_replacement(source, &mut text, last);
        self.inner.consume(taken);
        self.read += taken as u64;
        self.output = text.into_bytes();
        self.given = 0;
        self.ended = last;
        match result {
            encoding_rs::DecoderResult::Malformed(..) => {
                let at = self.read;
                let (reason, what) = if last {
                    (Reason::Truncated, "the UTF-16 text ends inside a character")
                } else {
                    (Reason::ParseError, "malformed UTF-16")
                };
                Err(Fault::error(reason, format!("{what} near byte {at}")))
            }
            encoding_rs::DecoderResult::InputEmpty | encoding_rs::DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl Read for Transcoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.output.len() && !self.ended {
            self.fill()?;
        }
        let rest = self.output.get(self.given..).unwrap_or_default();
        let read = io::Read::read(&mut &*rest, buffer)?;
        self.given += read;
        Ok(read)
    }
}
