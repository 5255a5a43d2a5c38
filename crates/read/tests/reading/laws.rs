//! What holds for any bytes.

use nephoscope_model::InputUse;
use nephoscope_read::Limits;
use proptest::prelude::*;

use crate::support::{found, gzip, named, snapshot, utf16, within};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in 0..6_usize) {
        let starts: [&[u8]; 6] = [b"", &[0x1f, 0x8b, 8, 0], &[0x28, 0xb5, 0x2f, 0xfd], &[0xff, 0xfe], b"{\"configurationItems\":[", b"[{\"id\":\"/subscriptions/"];
        let all: Vec<u8> = starts[magic].iter().chain(&bytes).copied().collect();
        let got = named(&all);
        prop_assert!(got.record.used != InputUse::Inventory || !got.documents.is_empty());
        prop_assert!(got.record.used != InputUse::Failed || got.gaps.iter().any(|gap| gap.incomplete));
        found(&all);
    }

    #[test]
    fn text_like_json_is_read_without_panic(text in "[\\[\\]{}\",:\\\\ \n a-c0-2eu.-]{0,80}", wrap in 0..4_usize) {
        let text = match wrap {
            0 => text,
            1 => format!("{{\"configurationItems\": [{text}]}}"),
            2 => format!("{{\"name\": \"a\", \"asset_type\": \"t\", \"resource\": {text}}}\n{text}"),
            _ => format!("{{\"format_version\": \"1\", \"resource_changes\": [{text}]}}"),
        };
        let got = named(&text);
        // Whatever came out is valid JSON, and nothing passes for whole that is not.
        if serde_json::from_str::<&serde_json::value::RawValue>(&text).is_err() && wrap != 2 {
            prop_assert!(got.gaps.iter().any(|gap| gap.incomplete) , "{text}: {got:?}");
        }
    }

    #[test]
    fn changing_one_byte_never_panics(at in 0..1000_usize, byte in any::<u8>(), packed in any::<bool>()) {
        let mut bytes = if packed { gzip(snapshot().as_bytes()) } else { snapshot().into_bytes() };
        let at = at % bytes.len();
        bytes[at] = byte;
        named(&bytes);
    }
}

#[test]
fn a_snapshot_cut_anywhere_is_never_clean() {
    let text = snapshot();
    let wide = utf16(&text, false, true);
    let packed = gzip(text.as_bytes());
    let stacked: Vec<u8> = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for whole in [text.as_bytes(), &wide, &packed, &stacked] {
        assert!(named(whole).is_clean());
        for end in 0..whole.len() {
            let got = named(&whole[..end]);
            assert!(got.gaps.iter().any(|gap| gap.incomplete), "{end}: {got:?}");
            assert!(got.scopes.is_empty(), "{end}");
            assert!(
                got.gaps
                    .iter()
                    .all(|gap| gap.scope.input.is_some() && gap.offset.is_some())
            );
        }
    }
    // In a folder a cut export must not pass for a file of some other program.
    for end in 1..text.len() {
        assert_eq!(found(&text.as_bytes()[..end]).gaps.len(), 1, "{end}");
    }
}

#[test]
fn reading_in_small_pieces_gives_the_same() {
    struct Slow<'a>(&'a [u8]);
    impl std::io::Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = buffer.len().min(1);
            std::io::Read::read(&mut self.0, &mut buffer[..count])
        }
    }
    let text = snapshot().replace("b1", "ü€😀");
    for bytes in [
        text.clone().into_bytes(),
        gzip(text.as_bytes()),
        utf16(&text, true, false),
    ] {
        let whole = within(&bytes, &Limits::default());
        let input = nephoscope_read::Input {
            name: "x.json".into(),
            path: None,
            named: true,
        };
        let mut events = Vec::new();
        let record = nephoscope_read::read(&input, Some(&mut Slow(&bytes)), &Limits::default(), &mut |event| {
            events.push(event)
        });
        assert_eq!(record, whole.record);
        assert!(whole.is_clean());
        let offsets: Vec<u64> = events
            .iter()
            .filter_map(|event| match event {
                nephoscope_read::Event::Document(document) => Some(document.origin.offset),
                _ => None,
            })
            .collect();
        assert_eq!(
            offsets,
            whole
                .documents
                .iter()
                .map(|document| document.origin.offset)
                .collect::<Vec<_>>()
        );
    }
}
