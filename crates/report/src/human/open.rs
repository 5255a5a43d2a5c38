//! What is no fault and no pass: unknown outcomes by what is missing, accepted findings by the terms.

use std::io;

use super::View;
use super::screen::{BOLD, DIM, Screen, WARN};
use crate::text::{self, NAME, count, thousands};

pub(super) fn write(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    if view.unknown_listed {
        unknown(view, screen)?;
    }
    waived(view, screen)
}

/// Writes what could not be decided, by what is missing: one gap often leaves many outcomes open.
fn unknown(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let total = view.overview.unknown;
    if total == 0 {
        return Ok(());
    }
    let label = screen.paint(WARN, "unknown");
    screen.line(&format!(
        "{label}{}",
        screen.paint(
            BOLD,
            &format!(": {} could not be decided, for want of", count(total, "outcome"))
        )
    ))?;
    let mut rows: Vec<_> = view.overview.open.iter().collect();
    rows.sort_by(|(a, x), (b, y)| y.count.cmp(&x.count).then_with(|| a.cmp(b)));
    let shown = view.shown(rows.len());
    for (gap, open) in rows.iter().take(shown) {
        let names: Vec<String> = open.policies.keys().map(|id| text::line(&id.0, NAME)).collect();
        let text = format!(
            "{}: {} in {}",
            text::line(gap, NAME),
            count(open.count, "outcome"),
            names.join(", ")
        );
        screen.wrapped("  - ", "    ", &text)?;
        // The ids of resources are there only with --verbose.
        for (policy, resources) in &open.policies {
            for resource in resources {
                let pair = format!("{} {}", text::line(&policy.0, NAME), text::line(resource, NAME));
                screen.styled(DIM, "      ", "        ", &pair)?;
            }
        }
    }
    screen.more(rows.len() - shown)?;
    screen.blank()
}

fn waived(view: &View<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let total = view.overview.waived;
    if total == 0 {
        return Ok(());
    }
    let title = format!("waived: {}", count(total, "finding"));
    screen.line(&screen.paint(BOLD, &title))?;
    let terms = &view.overview.terms;
    let shown = view.shown(terms.len());
    for (terms, number) in terms.iter().take(shown) {
        screen.wrapped("  - ", "    ", &format!("{terms} ({})", thousands(*number)))?;
    }
    screen.more(terms.len() - shown)?;
    screen.blank()
}
