//! JSON Pointers (RFC 6901) as strings: writing and comparing.

/// Appends one reference token, escaped, to `path`.
pub fn push(path: &mut String, token: &str) {
    path.push('/');
    for character in token.chars() {
        match character {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            other => path.push(other),
        }
    }
}

/// Returns the pointer made of `tokens`.
pub fn join<'a>(tokens: impl IntoIterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for token in tokens {
        push(&mut path, token);
    }
    path
}

/// Returns the tokens of a pointer, unescaped. The empty pointer has none.
pub fn tokens(path: &str) -> impl Iterator<Item = String> + '_ {
    path.split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// Returns what is left of `path` below `prefix`, or `None` when it does not lie at or below it.
pub fn strip<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_token_with_slash_and_tilde_survives() {
        let path = super::join(["tags", "a/b~c"]);
        assert_eq!(path, "/tags/a~1b~0c");
        assert_eq!(super::tokens(&path).collect::<Vec<_>>(), ["tags", "a/b~c"]);
        assert_eq!(super::strip("/ab", "/a"), None);
        assert_eq!(super::strip("/a/b", "/a"), Some("/b"));
    }
}
