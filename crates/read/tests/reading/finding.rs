//! Discovering inputs and locating values.

use std::fs;
use std::sync::Arc;

use nephoscope_model::Origin;
use nephoscope_read::{Input, Limits, ReadError, discover, locate};
use serde_json::json;

use crate::support::{gzip, item, read_input, snapshot, utf16};

fn names(inputs: &[Input], root: &str) -> Vec<String> {
    inputs
        .iter()
        .map(|input| input.name.replace(&format!("{root}/"), ""))
        .collect()
}

#[test]
fn folders_are_walked_in_order_without_hidden_and_ignored_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap().to_owned();
    for name in [
        "b.json",
        "a/z.json",
        "a/skip/x.json",
        "a/keep.txt",
        ".hidden",
        ".git/y.json",
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{}").unwrap();
    }
    let all = discover(std::slice::from_ref(&root), &[]).unwrap();
    assert_eq!(
        names(&all.inputs, &root),
        ["a/keep.txt", "a/skip/x.json", "a/z.json", "b.json"]
    );
    assert!(all.gaps.is_empty() && all.inputs.iter().all(|input| !input.named));
    let some = discover(
        std::slice::from_ref(&root),
        &["skip/".into(), "*.txt".into(), "/b.json".into()],
    )
    .unwrap();
    assert_eq!(names(&some.inputs, &root), ["a/z.json"]);
    let file = format!("{root}/b.json");
    let both = discover(
        &[root.clone(), file.clone(), "-".into(), "-".into()],
        &["b.json".into()],
    )
    .unwrap();
    assert_eq!(
        both.inputs.len(),
        5,
        "named once, though ignored in the folder; standard input once"
    );
    assert!(both.inputs.iter().any(|input| input.name == file && input.named));
    assert!(matches!(
        discover(&[format!("{root}/none")], &[]),
        Err(ReadError::Missing { .. })
    ));
    assert!(matches!(
        discover(&[root], &["a{".into(), "[".into()]),
        Err(ReadError::Pattern { .. })
    ));
}

#[cfg(unix)]
#[test]
fn loops_dead_links_and_pipes_are_gaps() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a/x.json"), "{}").unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", folder.path().join("dead.json")).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    let found = discover(&[folder.path().to_str().unwrap().to_owned()], &[]).unwrap();
    assert_eq!(found.inputs.len(), 1);
    let texts: Vec<&str> = found.gaps.iter().map(|gap| gap.message.as_str()).collect();
    assert_eq!(found.gaps.len(), 3, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("leads back")));
    assert!(texts.iter().any(|text| text.contains("symbolic link to nothing")));
    assert!(texts.iter().any(|text| text.contains("not a regular file")));
    assert!(found.gaps.iter().all(|gap| gap.scope.input.is_some()));
}

#[test]
fn values_are_located_by_line_and_column_whatever_the_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let text = snapshot();
    let line = text.lines().position(|line| line.contains("\"sg-1\"")).unwrap() + 1;
    let files = [
        ("plain.json", text.clone().into_bytes()),
        ("packed.json.gz", gzip(text.as_bytes())),
        ("wide.json", utf16(&text, false, true)),
    ];
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let input = Input {
            name: path.to_str().unwrap().to_owned(),
            path: Some(path),
            named: true,
        };
        let got = read_input(&input, None, &Limits::default());
        assert_eq!(got.documents.len(), 3);
        let origin = |index: usize| got.documents[index].origin.clone();
        let lookups = [
            (origin(1), "/resourceId".to_owned()),
            (origin(0), "/resourceId".to_owned()),
            (origin(2), "/configuration/missing".to_owned()),
        ];
        let found = locate(&lookups, &Limits::default());
        let first = found[0].as_ref().unwrap();
        assert_eq!(first.line as usize, line, "{name}");
        assert_eq!(
            &text.lines().nth(line - 1).unwrap()[first.column as usize - 1..],
            "\"sg-1\","
        );
        assert_eq!(first.snippet.len(), 1);
        assert!(first.snippet[0].contains("\"resourceId\": \"sg-1\""), "{first:?}");
        let second = found[1].as_ref().unwrap();
        assert!(second.snippet[0].contains("\"b1\""));
        assert!(found[2].as_ref().unwrap().snippet[0].contains("\"configuration\""));
    }
}

#[test]
fn values_in_strings_on_one_long_line_are_located() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let mut first = item("AWS::S3::Bucket", "ü\"1\"");
    first["configuration"] = json!("{\"name\": \"ä\", \"deep\": [1, {\"x\": true}]}");
    let message = json!({"configurationItem": first, "messageType": "x"}).to_string();
    let text =
        json!([{"Type": "Notification", "Message": message}, {"Type": "Notification", "Message": message}]).to_string();
    fs::write(&path, &text).unwrap();
    let input = Input {
        name: path.to_str().unwrap().to_owned(),
        path: Some(path),
        named: true,
    };
    let got = read_input(&input, None, &Limits::default());
    assert_eq!(got.documents.len(), 2);
    let lookups = [(got.documents[1].origin.clone(), "/configuration/deep/1/x".to_owned())];
    let found = locate(&lookups, &Limits::default());
    let found = found[0].as_ref().unwrap();
    assert_eq!(found.line, 1);
    let rest: String = text.chars().skip(found.column as usize - 1).collect();
    assert!(rest.starts_with("true}]"), "{rest}");
    assert!(
        found.snippet[0].contains("true}]") && found.snippet[0].chars().count() <= 242,
        "{found:?}"
    );
    let marked: String = found.snippet[0].chars().skip(found.mark as usize - 1).collect();
    assert!(marked.starts_with("true}]"), "{found:?}");
}

#[test]
fn what_is_gone_is_not_located() {
    let origin = |file: &str| Origin {
        file: Arc::from(file),
        offset: 0,
        length: 2,
        pointer: String::new(),
    };
    let lookups = [(origin("-"), String::new()), (origin("/no/such/file"), String::new())];
    assert_eq!(locate(&lookups, &Limits::default()), [None, None]);
}

#[test]
fn a_snippet_shows_nothing_beside_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let mut one = item("AWS::EC2::SecurityGroup", "sg-1");
    one["configuration"] = json!({"a": "before-hunter2", "open": ["0.0.0.0/0"], "password": "after-hunter2"});
    fs::write(&path, one.to_string()).unwrap();
    let input = Input {
        name: path.to_str().unwrap().to_owned(),
        path: Some(path),
        named: true,
    };
    let got = read_input(&input, None, &Limits::default());
    let found = locate(
        &[(got.documents[0].origin.clone(), "/configuration/open".to_owned())],
        &Limits::default(),
    );
    let found = found[0].as_ref().unwrap();
    assert_eq!(found.snippet, ["…\"open\":[\"0.0.0.0/0\"]"]);
    assert_eq!(found.mark, 9);
}
