//! Any text: it is read, decoded as a scenario and shown with its problems, or printed and read again as the same.

#![no_main]

use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::tree::Tree;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match Tree::parse("fuzz.ron", &text) {
        Err(problems) => {
            assert!(problems.has_errors());
            problems.render(true);
        }
        Ok(tree) => {
            let again = Tree::parse("again.ron", &tree.print()).expect("what is printed can be read");
            assert!(again.root() == tree.root(), "what is printed is the same");
            assert_eq!(again.digest(), tree.digest());
            if let Err(problems) = Scenario::of_tree(tree) {
                assert!(problems.has_errors() && problems.len() <= 100);
                problems.render(false);
            }
        }
    }
});
