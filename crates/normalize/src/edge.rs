//! What load balancers, content delivery networks and API gateways of the clouds share: listeners in canonical order.

use nephoscope_model::kinds::{Listener, Logging, NetworkLoadBalancer, Waf};
use nephoscope_model::{Fact, Gap, Origin, Provenance};

use crate::group::Built;

/// One listener with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) listener: Listener,
    pub(crate) origin: Option<Origin>,
    pub(crate) pointer: String,
}

/// Returns the attributes as built, with `drafts` as the list of listeners: sorted, each once.
///
/// `missing` says why there may be further listeners.
pub(crate) fn build(mut balancer: NetworkLoadBalancer, mut drafts: Vec<Draft>, missing: Option<Gap>) -> Built {
    drafts.sort_by_cached_key(|draft| {
        let Listener {
            name,
            protocol,
            port,
            redirects_to_https,
            tls_policy,
            min_tls_version,
        } = &draft.listener;
        (
            port.value().copied(),
            protocol.value().cloned(),
            name.value().cloned(),
            tls_policy.value().cloned(),
            min_tls_version.value().copied(),
            redirects_to_https.value().copied(),
            draft.origin.clone(),
            draft.pointer.clone(),
        )
    });
    drafts.dedup_by(|a, b| a.listener == b.listener);
    let notes: Vec<Provenance> = (drafts.iter().enumerate())
        .filter_map(|(index, draft)| {
            Some(Provenance {
                path: format!("/attributes/listeners/{index}"),
                origin: draft.origin.clone()?,
                pointer: draft.pointer.clone(),
            })
        })
        .collect();
    let listeners: Vec<Listener> = drafts.into_iter().map(|draft| draft.listener).collect();
    balancer.listeners = match missing {
        None => Fact::Known(listeners),
        Some(gap) => Fact::Partial(listeners, gap),
    };
    let mut built = Built::new(&balancer);
    built.provenance.extend(notes);
    built
}

/// Returns a log of which nothing is known.
pub(crate) fn unknown_log(gap: &Gap) -> Logging {
    Logging {
        enabled: Fact::Unknown(gap.clone()),
        target: Fact::Unknown(gap.clone()),
    }
}

/// Returns the firewall that an endpoint names, or that it has none.
pub(crate) fn waf(id: Option<String>) -> Waf {
    Waf {
        attached: Fact::Known(id.is_some()),
        id: id.into(),
    }
}

/// Returns a firewall of which nothing is known.
pub(crate) fn unknown_waf(gap: &Gap) -> Waf {
    Waf {
        attached: Fact::Unknown(gap.clone()),
        id: Fact::Unknown(gap.clone()),
    }
}

/// Returns whether connections of this protocol are encrypted up to the load balancer.
pub(crate) fn is_encrypted(protocol: &str) -> bool {
    matches!(protocol, "https" | "tls" | "ssl")
}

/// Returns a port as a fact; what is no port is not known.
pub(crate) fn port(number: Option<i64>, missing: &Gap) -> Fact<u16> {
    match number.map(u16::try_from) {
        Some(Ok(port)) => Fact::Known(port),
        Some(Err(_)) => Fact::Unknown(Gap::with(nephoscope_model::Reason::ParseError, "no port")),
        None => Fact::Unknown(missing.clone()),
    }
}
