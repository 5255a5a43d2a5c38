//! Random buckets with unknown attributes, and every world that these leave open.

use nephoscope_model::{Kind, kind_schema};
use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::support::spread;

/// An attribute of which the schema names all values.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub group: &'static str,
    pub name: &'static str,
    pub domain: Vec<Value>,
}

impl Leaf {
    fn path(&self) -> String {
        format!("/attributes/{}/{}", self.group, self.name)
    }
}

const LEAVES: [(&str, &str); 9] = [
    ("encryption", "enabled"),
    ("encryption", "key_kind"),
    ("logging", "enabled"),
    ("public_access", "guard"),
    ("retention", "enabled"),
    ("retention", "locked"),
    ("tls", "min_version"),
    ("tls", "required"),
    ("versioning", "enabled"),
];

const GRANTS: &str = "/attributes/public_access/grants";

/// Returns the attributes with their domains from the schema of buckets.
pub(crate) fn leaves() -> Vec<Leaf> {
    let schema = kind_schema(Kind::named("storage.bucket").unwrap()).unwrap();
    let leaf = |(group, name): (&'static str, &'static str)| {
        let schema = &schema["properties"][group]["properties"][name];
        let domain = match schema["enum"].as_array() {
            Some(names) => names.clone(),
            None => {
                assert_eq!(schema["type"], "boolean", "{group}.{name}");
                vec![json!(false), json!(true)]
            }
        };
        Leaf { group, name, domain }
    };
    LEAVES.into_iter().map(leaf).collect()
}

pub(crate) struct Bucket {
    pub attributes: Value,
    /// Sorted.
    pub unknown: Vec<String>,
    /// The list of grants is known in part.
    pub partial: bool,
}

/// Returns a bucket of which up to four attributes are unknown, mostly such as `reads`, indexes into `leaves`, has.
pub(crate) fn bucket(random: &mut Random, leaves: &[Leaf], reads: &[usize]) -> Bucket {
    let mut attributes = Map::new();
    let mut unknown = Vec::new();
    for (index, leaf) in leaves.iter().enumerate() {
        let group = attributes.entry(leaf.group).or_insert_with(|| json!({}));
        let ignorance = if reads.contains(&index) { 55 } else { 8 };
        if unknown.len() < 4 && random.percent(ignorance) {
            unknown.push(leaf.path());
        } else if random.percent(70) {
            group[leaf.name] = random.one_of(&leaf.domain).clone();
        }
    }
    let mut partial = false;
    if random.percent(60) {
        let grants: Vec<Value> = (0..random.below(3))
            .map(|index| {
                let mut grant =
                    json!({"access": *random.one_of(&["read", "write"]), "principal": "everyone", "via": "acl"});
                if unknown.len() < 4 && random.percent(30) {
                    unknown.push(format!("{GRANTS}/{index}/effective"));
                } else if random.percent(80) {
                    grant["effective"] = random.percent(50).into();
                }
                grant
            })
            .collect();
        attributes["public_access"]["grants"] = Value::Array(grants);
        partial = random.percent(10);
        unknown.extend(partial.then(|| GRANTS.to_owned()));
    }
    // Mappings write every group, also an empty one; a resource that somebody else wrote may lack some.
    if random.percent(15) {
        attributes.retain(|_, group| group != &json!({}));
    }
    unknown.sort();
    let attributes = Value::Object(attributes);
    Bucket {
        attributes,
        unknown,
        partial,
    }
}

impl Bucket {
    /// Returns every world: each unknown attribute absent, with and without its group where that is missing, or any value of
    /// its domain. A list known in part holds a prefix of the real one, of which there are some here.
    pub(crate) fn worlds(&self, leaves: &[Leaf]) -> Vec<Value> {
        let mut worlds = vec![self.attributes.clone()];
        for path in &self.unknown {
            worlds = if path == GRANTS {
                let grant = |access: &str, effective: bool| json!({"access": access, "effective": effective, "principal": "everyone", "via": "acl"});
                let more = [
                    vec![],
                    vec![grant("read", true)],
                    vec![grant("write", false), grant("read", false)],
                ];
                spread(&worlds, &more, |world, more| {
                    let grants = world["public_access"]["grants"].as_array_mut().unwrap();
                    grants.extend(more.iter().cloned());
                })
            } else if let Some(index) = path.strip_prefix(GRANTS) {
                let index: usize = index.split('/').nth(1).unwrap().parse().unwrap();
                spread(&worlds, &[None, Some(false), Some(true)], |world, value| {
                    if let Some(value) = value {
                        world["public_access"]["grants"][index]["effective"] = (*value).into();
                    }
                })
            } else {
                let leaf = leaves.iter().find(|leaf| leaf.path() == *path).unwrap();
                spread(&worlds, &self.choices(leaf), |world, choice| match choice {
                    Choice::Nothing => {}
                    // Another attribute may have made it by now.
                    Choice::Group if world.get(leaf.group).is_some() => {}
                    Choice::Group => world[leaf.group] = json!({}),
                    Choice::Value(value) => world[leaf.group][leaf.name] = value.clone(),
                })
            };
        }
        worlds
    }

    fn choices(&self, leaf: &Leaf) -> Vec<Choice> {
        let missing = self.attributes.get(leaf.group).is_none();
        let values = leaf.domain.iter().cloned().map(Choice::Value);
        let none = [Choice::Nothing].into_iter().chain(missing.then_some(Choice::Group));
        none.chain(values).collect()
    }

    /// Returns the product of the numbers of choices, without those of a list known in part.
    pub(crate) fn count(&self, leaves: &[Leaf]) -> usize {
        let count = |path: &String| match leaves.iter().find(|leaf| leaf.path() == *path) {
            Some(leaf) => self.choices(leaf).len(),
            None => 3,
        };
        self.unknown.iter().map(count).product()
    }
}

enum Choice {
    Nothing,
    Group,
    Value(Value),
}
