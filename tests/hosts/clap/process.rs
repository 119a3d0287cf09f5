//! Another process: a test that runs itself again there, with bytes in and bytes out through files.

use std::path::PathBuf;
use std::process::Command;

const INPUT: &str = "MYNAH_TEST_INPUT";
const OUTPUT: &str = "MYNAH_TEST_OUTPUT";

/// Runs the test of this name in another process, where [`answer`] is to make the answer of `input`.
pub(crate) fn ask(test_name: &str, input: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (asked, answered) = (folder.path().join("input"), folder.path().join("output"));
    std::fs::write(&asked, input).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test_name, "--exact", "--nocapture"]).env(INPUT, &asked).env(OUTPUT, &answered);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(answered).unwrap()
}

/// In the other process: answers what was asked, and is true. Otherwise false.
pub(crate) fn answer(make: impl FnOnce(Vec<u8>) -> Vec<u8>) -> bool {
    let path = |key| std::env::var_os(key).map(PathBuf::from);
    let (Some(asked), Some(answered)) = (path(INPUT), path(OUTPUT)) else { return false };
    std::fs::write(answered, make(std::fs::read(asked).unwrap())).unwrap();
    true
}
