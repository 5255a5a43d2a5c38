//! What the analysis knows of builtins: names and arity from `opa capabilities` of OPA 1.22.2, read 2026-11-23.

use crate::extensions;

/// Builtins that reach outside, or give another result each time.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("http.send", "reaches the network"),
    ("net.lookup_ip_addr", "reaches the network"),
    ("providers.aws.sign_req", "is for requests"),
    ("opa.runtime", "reads the environment"),
    ("rand.intn", "gives another result each time"),
    ("rego.parse_module", "is not in every engine"),
    ("time.now_ns", "reads the clock"),
    ("uuid.rfc4122", "gives another result each time"),
    ("test.sleep", "waits"),
];

/// Name and number of arguments of the builtins that the engine knows beyond its own table.
const SPECIAL: &[&str] = &["print", "walk", "trace"];

/// Name and number of arguments, sorted by name.
const ARITY: &[(&str, usize)] = &[
    ("abs", 1),
    ("all", 1),
    ("and", 2),
    ("any", 1),
    ("array.concat", 2),
    ("array.flatten", 1),
    ("array.reverse", 1),
    ("array.slice", 3),
    ("assign", 2),
    ("base64.decode", 1),
    ("base64.encode", 1),
    ("base64.is_valid", 1),
    ("base64url.decode", 1),
    ("base64url.encode", 1),
    ("base64url.encode_no_pad", 1),
    ("bits.and", 2),
    ("bits.lsh", 2),
    ("bits.negate", 1),
    ("bits.or", 2),
    ("bits.rsh", 2),
    ("bits.xor", 2),
    ("cast_array", 1),
    ("cast_boolean", 1),
    ("cast_null", 1),
    ("cast_object", 1),
    ("cast_set", 1),
    ("cast_string", 1),
    ("ceil", 1),
    ("concat", 2),
    ("contains", 2),
    ("count", 1),
    ("crypto.hmac.equal", 2),
    ("crypto.hmac.md5", 2),
    ("crypto.hmac.sha1", 2),
    ("crypto.hmac.sha256", 2),
    ("crypto.hmac.sha512", 2),
    ("crypto.md5", 1),
    ("crypto.parse_private_keys", 1),
    ("crypto.sha1", 1),
    ("crypto.sha256", 1),
    ("crypto.x509.parse_and_verify_certificates", 1),
    ("crypto.x509.parse_and_verify_certificates_with_options", 2),
    ("crypto.x509.parse_certificate_request", 1),
    ("crypto.x509.parse_certificates", 1),
    ("crypto.x509.parse_keypair", 2),
    ("crypto.x509.parse_rsa_private_key", 1),
    ("div", 2),
    ("endswith", 2),
    ("eq", 2),
    ("equal", 2),
    ("floor", 1),
    ("format_int", 2),
    ("glob.match", 3),
    ("glob.quote_meta", 1),
    ("graph.reachable", 2),
    ("graph.reachable_paths", 2),
    ("graphql.is_valid", 2),
    ("graphql.parse", 2),
    ("graphql.parse_and_verify", 2),
    ("graphql.parse_query", 1),
    ("graphql.parse_schema", 1),
    ("graphql.schema_is_valid", 1),
    ("gt", 2),
    ("gte", 2),
    ("hex.decode", 1),
    ("hex.encode", 1),
    ("http.send", 1),
    ("indexof", 2),
    ("indexof_n", 2),
    ("intersection", 1),
    ("io.jwt.decode", 1),
    ("io.jwt.decode_verify", 2),
    ("io.jwt.encode_sign", 3),
    ("io.jwt.encode_sign_raw", 3),
    ("io.jwt.verify_eddsa", 2),
    ("io.jwt.verify_es256", 2),
    ("io.jwt.verify_es384", 2),
    ("io.jwt.verify_es512", 2),
    ("io.jwt.verify_hs256", 2),
    ("io.jwt.verify_hs384", 2),
    ("io.jwt.verify_hs512", 2),
    ("io.jwt.verify_ps256", 2),
    ("io.jwt.verify_ps384", 2),
    ("io.jwt.verify_ps512", 2),
    ("io.jwt.verify_rs256", 2),
    ("io.jwt.verify_rs384", 2),
    ("io.jwt.verify_rs512", 2),
    ("is_array", 1),
    ("is_boolean", 1),
    ("is_null", 1),
    ("is_number", 1),
    ("is_object", 1),
    ("is_set", 1),
    ("is_string", 1),
    ("json.filter", 2),
    ("json.is_valid", 1),
    ("json.marshal", 1),
    ("json.marshal_with_options", 2),
    ("json.match_schema", 2),
    ("json.patch", 2),
    ("json.remove", 2),
    ("json.unmarshal", 1),
    ("json.verify_schema", 1),
    ("lower", 1),
    ("lt", 2),
    ("lte", 2),
    ("max", 1),
    ("min", 1),
    ("minus", 2),
    ("mul", 2),
    ("neq", 2),
    ("net.cidr_contains", 2),
    ("net.cidr_contains_matches", 2),
    ("net.cidr_expand", 1),
    ("net.cidr_intersects", 2),
    ("net.cidr_is_valid", 1),
    ("net.cidr_merge", 1),
    ("net.cidr_overlap", 2),
    ("net.lookup_ip_addr", 1),
    ("numbers.range", 2),
    ("numbers.range_step", 3),
    ("object.filter", 2),
    ("object.get", 3),
    ("object.keys", 1),
    ("object.remove", 2),
    ("object.subset", 2),
    ("object.union", 2),
    ("object.union_n", 1),
    ("opa.runtime", 0),
    ("or", 2),
    ("plus", 2),
    ("print", 0),
    ("product", 1),
    ("providers.aws.sign_req", 3),
    ("rand.intn", 2),
    ("re_match", 2),
    ("regex.find_all_string_submatch_n", 3),
    ("regex.find_n", 3),
    ("regex.globs_match", 2),
    ("regex.is_valid", 1),
    ("regex.match", 2),
    ("regex.replace", 3),
    ("regex.split", 2),
    ("regex.template_match", 4),
    ("rego.metadata.chain", 0),
    ("rego.metadata.rule", 0),
    ("rego.parse_module", 2),
    ("rem", 2),
    ("replace", 3),
    ("round", 1),
    ("semver.compare", 2),
    ("semver.is_valid", 1),
    ("set_diff", 2),
    ("sort", 1),
    ("split", 2),
    ("sprintf", 2),
    ("startswith", 2),
    ("strings.any_prefix_match", 2),
    ("strings.any_suffix_match", 2),
    ("strings.count", 2),
    ("strings.render_template", 2),
    ("strings.replace_n", 2),
    ("strings.reverse", 1),
    ("strings.split_n", 3),
    ("substring", 3),
    ("sum", 1),
    ("time.add_date", 4),
    ("time.clock", 1),
    ("time.date", 1),
    ("time.diff", 2),
    ("time.format", 1),
    ("time.now_ns", 0),
    ("time.parse_duration_ns", 1),
    ("time.parse_ns", 2),
    ("time.parse_rfc3339_ns", 1),
    ("time.weekday", 1),
    ("to_number", 1),
    ("trace", 1),
    ("trim", 2),
    ("trim_left", 2),
    ("trim_prefix", 2),
    ("trim_right", 2),
    ("trim_space", 1),
    ("trim_suffix", 2),
    ("type_name", 1),
    ("union", 1),
    ("units.parse", 1),
    ("units.parse_bytes", 1),
    ("upper", 1),
    ("uri.is_valid", 1),
    ("uri.parse", 1),
    ("urlquery.decode", 1),
    ("urlquery.decode_object", 1),
    ("urlquery.encode", 1),
    ("urlquery.encode_object", 1),
    ("uuid.parse", 1),
    ("uuid.rfc4122", 1),
    ("walk", 1),
    ("yaml.is_valid", 1),
    ("yaml.marshal", 1),
    ("yaml.unmarshal", 1),
];

/// Returns whether the engine runs the builtin, by itself or by an extension of ours.
pub(super) fn exists(name: &str) -> bool {
    SPECIAL.contains(&name) || extensions::named(name).is_some() || regorus::unstable::BUILTINS.contains_key(name)
}

/// A builtin of OPA, and whether a policy may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// Its name, for example `net.cidr_merge`.
    pub name: &'static str,
    /// Whether a policy may call it.
    pub support: Support,
}

/// Whether a policy may call a builtin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// The engine's own.
    Engine,
    /// Ours.
    Own {
        /// What the engine's own does; empty where it has none.
        instead: &'static str,
    },
    /// Refused at load.
    Refused {
        /// What it does.
        why: &'static str,
    },
    /// There is none.
    Missing,
}

/// Returns the builtins of OPA 1.22.2 that have a name in dots or letters, sorted by name. Operators are left out.
pub fn builtins() -> Vec<Builtin> {
    let named = ARITY.iter().filter(|(name, _)| !OPERATORS.contains(name));
    let all = named.map(|(name, _)| {
        let refused = REFUSED.iter().find(|(refused, _)| refused == name);
        let support = match (refused, extensions::named(name)) {
            (Some((_, why)), _) => Support::Refused { why },
            (None, Some(extension)) => Support::Own {
                instead: extension.instead,
            },
            (None, None) if exists(name) => Support::Engine,
            (None, None) => Support::Missing,
        };
        Builtin { name, support }
    });
    all.collect()
}

/// Builtins that are written as operators.
const OPERATORS: &[&str] = &[
    "and", "assign", "div", "eq", "equal", "gt", "gte", "lt", "lte", "minus", "mul", "neq", "or", "plus", "rem",
];

/// Returns the number of arguments of a builtin of OPA, also of one that the engine lacks.
pub(super) fn arity(name: &str) -> Option<usize> {
    let index = ARITY.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    ARITY.get(index).map(|(_, arity)| *arity)
}

/// Whether the engine knows of the builtin only by our extension: then it takes a variable in its last argument for one
/// that has to have a value.
pub(super) fn without_output(name: &str) -> bool {
    extensions::named(name).is_some() && !regorus::unstable::BUILTINS.contains_key(name)
}

/// Returns whether the builtin reads no more of its argument than the type.
pub(super) fn reads_type(name: &str) -> bool {
    name == "type_name"
        || matches!(
            name,
            "is_array" | "is_boolean" | "is_null" | "is_number" | "is_object" | "is_set" | "is_string"
        )
}

/// Returns the number of arguments a format takes, or `None` when its result may be undefined for some of them.
///
/// regorus 0.14.1: `%s`, `%v` and `%d` take anything; other verbs refuse some values.
pub(super) fn verbs(format: &str) -> Option<usize> {
    let mut count = 0;
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character == '%' {
            match rest.next()? {
                '%' => {}
                's' | 'v' | 'd' => count += 1,
                _ => return None,
            }
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_known() {
        assert!(ARITY.is_sorted());
        assert_eq!(arity("startswith"), Some(2));
        assert_eq!(arity("startwith"), None);
        assert!(exists("startswith") && exists("print") && exists("walk"));
        assert!(exists("net.cidr_intersects"));
        assert!(!exists("http.send") && !exists("graphql.parse"));
    }

    #[test]
    fn every_extension_is_one_of_opa() {
        for extension in extensions::EXTENSIONS {
            assert_eq!(
                arity(extension.name),
                Some(usize::from(extension.arity)),
                "{}",
                extension.name
            );
        }
    }

    #[test]
    fn formats_are_counted() {
        assert_eq!(verbs("%s is 100%% %d"), Some(2));
        assert_eq!(verbs("%x"), None);
        assert_eq!(verbs("%"), None);
    }
}
