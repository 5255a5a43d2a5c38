use super::*;

fn version(second: i64, file: &str, pointer: &str) -> Version {
    Version {
        observed_at: Some(Timestamp::from_second(second).unwrap()),
        state: 0,
        content: 7,
        file: file.into(),
        offset: 0,
        pointer: pointer.to_owned(),
    }
}

fn scope(region: &str) -> Scope {
    Scope {
        provider: Provider::Aws,
        account: "1".into(),
        region: region.into(),
        native_type: "T".into(),
    }
}

/// Enters versions of one resource, dealt out to two threads, and returns the region of the one that counts.
fn newest(versions: [(Version, &str); 3]) -> (String, u64) {
    let seen = Seen::of(&ResourceKey("k".into()));
    let mut pages = [0, 1].map(|number| {
        Page::new(
            number,
            Sorters {
                entries: Sorter::new(0),
                findings: Sorter::new(0),
            },
        )
    });
    for (turn, (version, region)) in versions.into_iter().enumerate() {
        let page = &mut pages[turn % 2];
        page.enter(seen, version, scope(region), Fate::Unjudged, vec![], None)
            .unwrap();
    }
    let ledger = Ledger::of(pages.into()).unwrap();
    let mut regions = Vec::new();
    let superseded = ledger
        .settle(|settled| {
            regions.push(settled.scope.region.to_string());
            Ok(())
        })
        .unwrap();
    assert_eq!(regions.len(), 1);
    (regions.remove(0), superseded.count())
}

#[test]
fn the_newest_version_counts_in_whatever_order_and_thread() {
    let of = |second| (version(second, "f", ""), ["", "one", "two", "three"][second as usize]);
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        assert_eq!(newest(order.map(of)), ("three".to_owned(), 2));
    }
}

#[test]
fn of_equal_versions_the_first_place_counts() {
    let places = [("a", "/0", "first"), ("a", "/1", "second"), ("b", "", "third")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let versions = order.map(|index: usize| {
            let (file, pointer, region) = places[index];
            (version(5, file, pointer), region)
        });
        assert_eq!(newest(versions), ("first".to_owned(), 2));
    }
}
