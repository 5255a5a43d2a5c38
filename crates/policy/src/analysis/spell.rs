//! Calls of imported functions, with their full path.

use std::ops::Range;

use super::ir::Module;

/// Returns the text with `lib.f(…)` written as `data.a.lib.f(…)` where `lib` is imported.
///
/// In Rego v0 a function may be given one argument more, to bind its value to. regorus 0.14.1 knows it by the
/// function's path, which it does not look up in imports, and then takes the variable for an undefined one.
pub(super) fn out(text: &str, module: &Module, tokens: &[Range<usize>]) -> String {
    let word = |index: usize| tokens.get(index).and_then(|token| text.get(token.clone()));
    let mut spelled = String::with_capacity(text.len());
    let mut copied = 0;
    for (index, token) in tokens.iter().enumerate() {
        let name = text.get(token.clone()).unwrap_or_default();
        let Some((path, _)) = module.imports.get(name).filter(|(path, _)| path.len() > 1) else {
            continue;
        };
        let starts = index.checked_sub(1).and_then(word).is_none_or(|before| before != ".");
        let mut end = index + 1;
        while word(end) == Some(".") {
            end += 2;
        }
        if starts && end > index + 1 && word(end) == Some("(") {
            spelled.push_str(text.get(copied..token.start).unwrap_or_default());
            spelled.push_str(&path.join("."));
            copied = token.end;
        }
    }
    spelled.push_str(text.get(copied..).unwrap_or_default());
    spelled
}

#[cfg(test)]
mod tests {
    use crate::analysis::spelled_out_v0;

    #[test]
    fn only_calls_of_what_is_imported_are_spelled_out() {
        let text =
            "package p\n\nimport data.a.b.lib as l\n\nx { l.f(1, y); y == l.c; z := \"l.f(1)\"; o.l.g(z) } # l.f(1)\n";
        let spelled = spelled_out_v0("f", text).unwrap();
        assert_eq!(spelled, text.replacen("l.f(1, y)", "data.a.b.lib.f(1, y)", 1));
    }
}
