//! Firewalls of one Google Cloud network: what one denies is not open at another.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nephoscope_model::{Reason, Resource, State};
use nephoscope_normalize::Batch;
use serde_json::{Value, json};

use crate::support::{document, fixtures, normalize};

/// Returns by name the ports that are open, and `unknown` where there may be more.
fn open(resources: &[Resource]) -> BTreeMap<String, String> {
    let of = |resource: &Resource| {
        let list = resource.attributes["open_to_internet"].as_array().unwrap();
        let mut ports: Vec<String> = list.iter().map(|open| open["from"].to_string()).collect();
        let partial = |path: &str| path.starts_with("/attributes/open_to_internet");
        ports.extend(
            (resource.unknown.iter())
                .filter(|unknown| partial(&unknown.path))
                .map(|_| "unknown".to_owned()),
        );
        (resource.name.clone(), ports.join(" "))
    };
    resources.iter().map(of).collect()
}

fn open_in(fixture: &str) -> BTreeMap<String, String> {
    let name = format!("gcp__firewall__{fixture}");
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == name).unwrap();
    let resources = normalize(&fixture.documents, &fixture.scopes).resources;
    for resource in &resources {
        let rules = resource.attributes["rules"].as_array().unwrap();
        let own = |rule: &Value| rule["native_id"] == json!(resource.name);
        assert!(rules.iter().all(own), "{}: {rules:?}", resource.name);
    }
    open(&resources)
        .into_iter()
        .filter(|(name, _)| name.contains("-allow"))
        .collect()
}

fn expected<const N: usize>(list: [(&str, &str); N]) -> BTreeMap<String, String> {
    list.map(|(name, ports)| (name.to_owned(), ports.to_owned())).into()
}

#[test]
fn what_another_firewall_of_the_network_denies_first_is_not_open() {
    assert_eq!(
        open_in("denied_by_another_of_the_network"),
        expected([
            ("equal-allow-ssh-and-rdp", "3389"),
            ("halves-allow-ssh", ""),
            ("shut-allow-ssh", "")
        ])
    );
}

#[test]
fn a_denial_that_comes_later_or_elsewhere_hides_nothing() {
    assert_eq!(
        open_in("denied_by_none_that_counts"),
        expected([
            ("after-allow-ssh", "22"),
            ("off-allow-ssh", "22"),
            ("part-allow-ssh", "22")
        ])
    );
}

#[test]
fn a_denial_for_some_instances_counts_for_the_same_instances() {
    assert_eq!(
        open_in("denied_for_the_same_instances"),
        expected([
            ("accounts-allow", ""),
            ("accounts-allow-tag", "22"),
            ("every-allow-web", ""),
            ("tags-allow-all", "22"),
            ("tags-allow-database", "22"),
            ("tags-allow-web", "")
        ])
    );
}

#[test]
fn a_denial_that_cannot_be_read_makes_unknown_only_what_it_may_deny() {
    assert_eq!(
        open_in("denied_by_one_that_cannot_be_read"),
        expected([
            ("sure-allow-ssh", ""),
            ("unsure-allow-inside", ""),
            ("unsure-allow-ssh", "unknown")
        ])
    );
}

fn firewall(name: &str, priority: usize, traffic: (&str, Value), sources: Value) -> Value {
    json!({
        "name": format!("//compute.googleapis.com/projects/p/global/firewalls/{name}"),
        "asset_type": "compute.googleapis.com/Firewall",
        "resource": {"data": {
            "name": name, "network": "projects/p/global/networks/n", "priority": priority,
            traffic.0: traffic.1, "sourceRanges": sources,
        }},
    })
}

#[test]
fn a_deleted_firewall_denies_nothing() {
    for (state, ports) in [(State::Live, ""), (State::Deleted, "22")] {
        let mut normalizer = Batch::new(None);
        let everyone = json!(["0.0.0.0/0"]);
        let allow = ("allowed", json!([{"IPProtocol": "tcp", "ports": ["22"]}]));
        let deny = ("denied", json!([{"IPProtocol": "all"}]));
        normalizer.push(document(&firewall("allow", 1000, allow, everyone.clone()), 0).unwrap());
        let mut denying = document(&firewall("deny", 10, deny, everyone), 1).unwrap();
        denying.state = state;
        normalizer.push(denying);
        let mut resources = normalizer.finish().resources;
        resources.retain(|resource| resource.name == "allow");
        assert_eq!(open(&resources), expected([("allow", ports)]));
    }
}

/// Thousands of firewalls that allow behind thousands that deny are millions of pairs: told of, not waited for.
#[test]
fn a_network_of_too_many_firewalls_ends_in_time_and_is_unknown() {
    let mut documents = Vec::new();
    for index in 0..2_000 {
        let ports = json!([format!("{}-{}", index + 30, 65_535 - index)]);
        let allow = ("allowed", json!([{"IPProtocol": "tcp", "ports": ["0-65535"]}]));
        let deny = ("denied", json!([{"IPProtocol": "tcp", "ports": ports}]));
        documents.push(firewall(&format!("allow-{index}"), 1000, allow, json!(["0.0.0.0/0"])));
        documents.push(firewall(&format!("deny-{index}"), 10, deny, json!(["0.0.0.0/0"])));
    }
    let begin = Instant::now();
    let resources = normalize(&documents, &[]).resources;
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    let allowing: Vec<&Resource> = (resources.iter())
        .filter(|resource| resource.name.starts_with("allow"))
        .collect();
    assert_eq!(allowing.len(), 2_000);
    for resource in allowing {
        let gap = &resource.unknown[0].gap;
        assert_eq!(gap.reason, Reason::Truncated, "{}", resource.name);
    }
}
