//! The ten most applied policies written by hand in Rust, over the same resources: what evaluation would cost without an engine.

use std::path::Path;

use anyhow::{Result, anyhow};
use nephoscope::builtin;
use nephoscope_model::{Kind, Outcome, Resource};
use nephoscope_policy::{Bundle, Options};
use serde_json::Value;

use crate::evaluate::verdicts;
use crate::generate::{self, Mix};
use crate::items;
use crate::measure::own_cpu_secs;

/// A fault: path, key, message.
type Fault = (String, String, String);

type Predicate = fn(&Resource, &mut Vec<Fault>);

/// Each with the id of the policy that says the same.
const PREDICATES: [(&str, Predicate); 10] = [
    ("NEPH-COMPUTE-001", public_address),
    ("NEPH-COMPUTE-002", legacy_metadata),
    ("NEPH-COMPUTE-009", ip_forwarding),
    ("NEPH-IDENTITY-001", full_administration),
    ("NEPH-IDENTITY-009", federation_for_anybody),
    ("NEPH-IDENTITY-010", federation_for_whole_issuer),
    ("NEPH-NETWORK-001", admin_ports),
    ("NEPH-NETWORK-002", database_ports),
    ("NEPH-NETWORK-003", open_to_internet),
    ("NEPH-NETWORK-004", egress),
];

/// Returns one row of the table of results.
///
/// # Errors
///
/// When a step fails.
pub(crate) fn row(mix: Mix, resources: u64, corpus: &Path) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("items.ndjson");
    generate::file(mix, resources, corpus, &file)?;
    let bundle = Bundle::load(&[builtin::root()], &Options::default()).map_err(|error| anyhow!("{error}"))?;
    let bundle = bundle.select(|info| PREDICATES.iter().any(|(id, _)| info.id.0 == *id));
    let of_kind = |kind: Kind| -> Vec<(usize, Predicate)> {
        let policies = bundle.policies_for(kind).iter();
        let predicate = |index: &usize| {
            let id = &bundle.policies().get(*index)?.info.id.0;
            let found = PREDICATES.iter().find(|(own, _)| own == id);
            found.map(|(_, predicate)| (*index, *predicate))
        };
        policies.filter_map(predicate).collect()
    };
    let kinds: std::collections::BTreeSet<Kind> = bundle
        .policies()
        .iter()
        .flat_map(|policy| policy.kinds.clone())
        .collect();
    let by_kind: Vec<(Kind, Vec<(usize, Predicate)>)> = kinds.into_iter().map(|kind| (kind, of_kind(kind))).collect();
    let resources = items::resources(&file, usize::MAX)?;

    // Policies are compiled when they are first run, which is no evaluation.
    let mut evaluator = bundle.evaluator();
    for resource in resources.iter().take(2_000) {
        verdicts(&mut evaluator, resource)?;
    }
    let mut evaluator = bundle.evaluator();
    let before = own_cpu_secs()?;
    let mut ours = Vec::with_capacity(resources.len());
    for resource in &resources {
        ours.push(verdicts(&mut evaluator, resource)?);
    }
    let ours_secs = own_cpu_secs()? - before;

    let before = own_cpu_secs()?;
    let mut theirs: Vec<Vec<(usize, Vec<Fault>)>> = Vec::with_capacity(resources.len());
    for resource in &resources {
        let predicates = by_kind.iter().find(|(kind, _)| *kind == resource.kind);
        let predicates = predicates.map_or(&[][..], |(_, predicates)| predicates);
        let found = predicates.iter().map(|(index, predicate)| {
            let mut faults = Vec::new();
            predicate(resource, &mut faults);
            (*index, faults)
        });
        theirs.push(found.collect());
    }
    let theirs_secs = own_cpu_secs()? - before;

    let (mut compared, mut differ) = (0, 0);
    for (ours, theirs) in ours.iter().zip(theirs) {
        for (index, verdict) in ours {
            let certain = matches!(verdict.outcome, Outcome::Fail | Outcome::Pass) && verdict.unknown.is_empty();
            let Some((_, mut faults)) = theirs
                .iter()
                .find(|(other, _)| other == index)
                .cloned()
                .filter(|_| certain)
            else {
                continue;
            };
            let denies = verdict.denies.iter();
            let mut own: Vec<Fault> = denies
                .map(|deny| (deny.path.clone(), deny.key.clone(), deny.message.clone()))
                .collect();
            own.sort();
            faults.sort();
            compared += 1;
            differ += usize::from(own != faults);
        }
    }
    Ok(format!(
        "| {mix:?} | {} | {compared} | {ours_secs:.2} | {theirs_secs:.2} | {:.1} | {differ} |",
        resources.len(),
        ours_secs / theirs_secs.max(0.01),
    ))
}

fn is_true(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer) == Some(&Value::Bool(true))
}

fn list<'v>(resource: &'v Resource, name: &str) -> &'v [Value] {
    let list = resource.attributes.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn fault(path: &str, message: &str) -> Fault {
    (path.to_owned(), String::new(), message.to_owned())
}

fn public_address(resource: &Resource, faults: &mut Vec<Fault>) {
    if is_true(&resource.attributes, "/public_address/assigned") {
        let message = "the instance has a public address, or gets one when it starts";
        faults.push(fault("/attributes/public_address/assigned", message));
    }
}

fn legacy_metadata(resource: &Resource, faults: &mut Vec<Fault>) {
    let attributes = &resource.attributes;
    if is_true(attributes, "/metadata_service/enabled")
        && attributes.pointer("/metadata_service/token_required") == Some(&Value::Bool(false))
    {
        let message = "the metadata service gives credentials to requests without a session token";
        faults.push(fault("/attributes/metadata_service/token_required", message));
    }
}

fn ip_forwarding(resource: &Resource, faults: &mut Vec<Fault>) {
    if is_true(&resource.attributes, "/ip_forwarding") {
        let message = "the instance forwards packets for other addresses";
        faults.push(fault("/attributes/ip_forwarding", message));
    }
}

fn full_administration(resource: &Resource, faults: &mut Vec<Fault>) {
    for (index, grant) in list(resource, "grants").iter().enumerate() {
        if let Some(name) = text(grant, "name").filter(|_| is_true(grant, "/full_admin")) {
            let principal = text(grant, "principal").unwrap_or("its holder");
            faults.push((
                format!("/attributes/grants/{index}"),
                format!("{name} {principal}"),
                format!("{name} lets {principal} do everything"),
            ));
        }
    }
}

fn federation(resource: &Resource, subjects: &str, message: fn(&str) -> String, faults: &mut Vec<Fault>) {
    for (index, trust) in list(resource, "trust").iter().enumerate() {
        if let Some(principal) = text(trust, "principal").filter(|_| text(trust, "subjects") == Some(subjects)) {
            faults.push((
                format!("/attributes/trust/{index}"),
                principal.to_owned(),
                message(principal),
            ));
        }
    }
}

fn federation_for_anybody(resource: &Resource, faults: &mut Vec<Fault>) {
    let message = |principal: &str| format!("anybody who gets a token of {principal} is let in");
    federation(resource, "anybody", message, faults);
}

fn federation_for_whole_issuer(resource: &Resource, faults: &mut Vec<Fault>) {
    let message = |principal: &str| format!("every identity of {principal} may assume the role");
    federation(resource, "whole_issuer", message, faults);
}

/// An entry of `open_to_internet` or `reaches_internet`: protocol, first and last port, who.
fn exposure(value: &Value) -> Option<(&str, u64, u64, &str)> {
    let port = |name: &str| value.get(name).and_then(Value::as_u64);
    Some((
        text(value, "protocol")?,
        port("from")?,
        port("to")?,
        text(value, "peer").unwrap_or("?"),
    ))
}

fn ports(resource: &Resource, what: &str, ports: &[(u64, &str)], faults: &mut Vec<Fault>) {
    for (index, value) in list(resource, "open_to_internet").iter().enumerate() {
        let Some((protocol, from, to, peer)) = exposure(value).filter(|found| found.0 == "tcp") else {
            continue;
        };
        for (port, service) in ports.iter().filter(|(port, _)| (from..=to).contains(port)) {
            faults.push((
                format!("/attributes/open_to_internet/{index}"),
                format!("ingress {protocol}/{port} {peer}"),
                format!("{what} port {protocol}/{port}{service} is open to {peer}"),
            ));
        }
    }
}

fn admin_ports(resource: &Resource, faults: &mut Vec<Fault>) {
    const PORTS: [(u64, &str); 9] = [
        (22, " (SSH)"),
        (23, " (Telnet)"),
        (2375, " (Docker)"),
        (2376, " (Docker)"),
        (3389, " (RDP)"),
        (5900, " (VNC)"),
        (5985, " (WinRM)"),
        (5986, " (WinRM)"),
        (10250, " (kubelet)"),
    ];
    ports(resource, "administration", &PORTS, faults);
}

fn database_ports(resource: &Resource, faults: &mut Vec<Fault>) {
    const PORTS: [(u64, &str); 13] = [
        (1433, " (SQL Server)"),
        (1521, " (Oracle)"),
        (3306, " (MySQL)"),
        (5432, " (PostgreSQL)"),
        (5984, " (CouchDB)"),
        (6379, " (Redis)"),
        (9042, " (Cassandra)"),
        (9200, " (Elasticsearch)"),
        (9300, " (Elasticsearch)"),
        (11211, " (memcached)"),
        (27017, " (MongoDB)"),
        (27018, " (MongoDB)"),
        (27019, " (MongoDB)"),
    ];
    ports(resource, "database", &PORTS, faults);
}

fn open_to_internet(resource: &Resource, faults: &mut Vec<Fault>) {
    const ALLOWED: [u64; 2] = [80, 443];
    for (index, value) in list(resource, "open_to_internet").iter().enumerate() {
        let Some((protocol, from, to, peer)) = exposure(value).filter(|found| found.0 != "any") else {
            continue;
        };
        let allowed = ALLOWED.iter().filter(|port| (from..=to).contains(port)).count() as u64;
        if allowed < to - from + 1 {
            let range = if from == to {
                from.to_string()
            } else {
                format!("{from}-{to}")
            };
            faults.push((
                format!("/attributes/open_to_internet/{index}"),
                format!("ingress {protocol}/{range} {peer}"),
                format!("{protocol}/{range} is open to {peer}"),
            ));
        }
    }
}

fn egress(resource: &Resource, faults: &mut Vec<Fault>) {
    const MOST: u64 = 1024;
    let wide = |value: &Value| exposure(value).is_some_and(|(_, from, to, _)| to - from >= MOST);
    if list(resource, "reaches_internet").iter().any(wide) {
        let message = format!("more than {MOST} ports may be reached anywhere on the internet");
        faults.push(fault("/attributes/reaches_internet", &message));
    }
}
