//! A scenario from its files: base first, then includes and own fields, then changes, then `--set-file` and `--set`.
//!
//! No file may make the reader leave the scenario's folder, follow a circle, or read without end; links are resolved
//! before the folder is checked. That folder is the innermost one called `scenarios` that the file lies in, so that
//! files in its sub-folders may build on those above them; a file in no such folder has its own.

use super::change::{Budget, Change};
use super::merge::{Second, merge};
use super::parse::{Fault, MAX_FAULTS, parse};
use super::path::is_id;
use super::settings::SettingsFile;
use super::{Entry, FileId, Kind, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Node, Sources, Span, Tree, empty_root};
use crate::scenario::problems::{Problems, nearest};
use std::io::Read;
use std::path::{Component, Path as FilePath, PathBuf};

/// Name of the folder whose files may use each other from any of its sub-folders.
const SCENARIOS: &str = "scenarios";

/// How to load a scenario.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Folder that bases and includes may not leave; without one, the `scenarios` that the file is in, or its own.
    pub folder: Option<PathBuf>,
    /// Files of settings, RON or JSON by their ending, applied one after the other before `settings`.
    pub settings_files: Vec<PathBuf>,
    /// Settings `PATH=VALUE`, applied last.
    pub settings: Vec<String>,
    /// A file that the scenario is read beside, whose text its problems may refer to.
    pub beside: Option<Tree>,
    /// Which of the changes in the scenario's own file to make, by position; all without it, and those past its end.
    pub keep_changes: Option<Vec<bool>>,
}

/// Reads the scenario in `file` and applies `settings` of the form `PATH=VALUE`.
///
/// # Errors
/// Every problem of every file that was read.
pub fn load(file: &FilePath, settings: &[String]) -> Result<Tree, Problems> {
    load_with(file, &LoadOptions { settings: settings.to_vec(), ..LoadOptions::default() })
}

/// As [`load`], with all choices.
///
/// # Errors
/// Every problem of every file that was read.
pub fn load_with(file: &FilePath, options: &LoadOptions) -> Result<Tree, Problems> {
    let Loaded { tree, problems, .. } = load_partly(file, options);
    problems.into_result(tree)
}

/// What could be read, beside the problems.
pub(in crate::scenario) struct Loaded {
    pub(in crate::scenario) tree: Tree,
    pub(in crate::scenario) problems: Problems,
    /// Whether every file was read, those of settings too; its changes may have been wrong.
    pub(in crate::scenario) whole: bool,
    /// Canonical path of the folder that no file left.
    pub(in crate::scenario) folder: Option<PathBuf>,
}

/// As [`load_with`], with what could be read beside the problems.
pub(in crate::scenario) fn load_partly(file: &FilePath, options: &LoadOptions) -> Loaded {
    Loader::new(file, options).tree(file, None, options)
}

impl Tree {
    /// This tree continued by a file with `changes` (and fields and includes) but no `base`.
    ///
    /// # Errors
    /// Every problem of that file.
    pub fn fork(&self, file: &FilePath) -> Result<Tree, Problems> {
        let options = LoadOptions::default();
        let mut loader = Loader::new(file, &options);
        loader.sources = (*self.sources).clone();
        let Loaded { tree, problems, .. } = loader.tree(file, Some((*self.root).clone()), &options);
        problems.into_result(tree)
    }
}

/// Wrong changes after which no more are tried.
const MAX_WRONG_CHANGES: usize = 200;

/// Where a file is asked for, which is blamed if it cannot be had.
type AskedAt = Option<Span>;

struct Loader {
    /// Canonical; `None` if it does not exist, which reading the scenario then reports.
    folder: Option<PathBuf>,
    sources: Sources,
    faults: Vec<Fault>,
    /// Faults at no place: the scenario's own file cannot be read.
    unplaced: Vec<String>,
    bytes: usize,
    budget: Budget,
    /// Canonical paths of the scenario, its base, the base's base and so on.
    chain: Vec<PathBuf>,
    /// Canonical paths of included files with where they were included.
    included: Vec<(PathBuf, Span)>,
    /// The changes of the file being read last, which ends as the scenario's own.
    own_changes: Vec<String>,
    broken: bool,
}

/// Fields of a scenario file that say how it is put together.
#[derive(Default)]
struct Assembly {
    base: Option<Node>,
    include: Option<Node>,
    changes: Option<Node>,
}

impl Loader {
    fn new(file: &FilePath, options: &LoadOptions) -> Self {
        Self {
            folder: options.folder.as_deref().map_or_else(|| folder_of(file), |folder| folder.canonicalize().ok()),
            sources: options.beside.as_ref().map_or_else(Sources::default, |tree| (*tree.sources).clone()),
            faults: Vec::new(),
            unplaced: Vec::new(),
            bytes: 0,
            budget: Budget::new(),
            chain: Vec::new(),
            included: Vec::new(),
            own_changes: Vec::new(),
            broken: false,
        }
    }

    fn tree(mut self, file: &FilePath, base: Option<Node>, options: &LoadOptions) -> Loaded {
        let root = self.scenario(file, None, base, options.keep_changes.as_deref());
        if root.is_none() && self.sources.0.is_empty() {
            self.sources.add(file.display().to_string(), "");
        }
        let root = root.unwrap_or_else(|| empty_root(FileId(0)));
        let files: Vec<_> = options.settings_files.iter().filter_map(|file| self.settings_file(file)).collect();
        let mut tree = Tree::new(root, self.sources, self.own_changes);
        let mut set = Vec::new();
        // Settings on half a scenario would only add misleading problems.
        if !self.broken {
            set.extend(files.iter().filter_map(|file| tree.apply_settings_file(file).err()));
            set.extend(tree.apply_settings(&options.settings).err());
        }
        let mut problems = Problems::new(&tree);
        for message in self.unplaced {
            problems.push("", message);
        }
        self.faults.into_iter().for_each(|fault| problems.add_fault("", fault));
        set.into_iter().for_each(|more| problems.absorb(more));
        let whole = !self.broken && files.len() == options.settings_files.len();
        Loaded { tree, problems, whole, folder: self.folder }
    }

    /// Reads a file of settings. One that is wrong leaves the scenario as it is, to be looked at for problems of its own.
    fn settings_file(&mut self, file: &FilePath) -> Option<SettingsFile> {
        let text = self.bytes_of(file).map_err(|message| self.unplaced.push(message)).ok()?;
        let id = self.sources.add(file.display().to_string(), &text);
        let (settings, faults) = SettingsFile::parse(file, &text, id, &mut self.budget.nodes);
        self.faults.extend(faults);
        settings
    }

    /// A scenario file with everything that it builds on; `given` stands in for its base.
    fn scenario(
        &mut self,
        file: &FilePath,
        asked: AskedAt,
        given: Option<Node>,
        keep: Option<&[bool]>,
    ) -> Option<Node> {
        let mut own = self.read(file, asked)?;
        let mut assembly = take_assembly(&mut own);
        self.check_ids(&own);
        let base = match (given, assembly.base.take()) {
            (Some(given), restated) => {
                if let Some(node) = restated {
                    self.fault(node.span, "a fork continues its scenario and has no `base`");
                }
                Some(given)
            }
            (None, Some(base)) => self.base(file, &base),
            (None, None) => None,
        };
        let second = if base.is_some() { Second::Replaces } else { Second::Refused };
        let mut root = base.unwrap_or_else(|| Node { kind: Kind::Struct(None, Vec::new()), span: own.span });
        self.merge(&mut root, own, second);
        let parts = assembly.include.map_or_else(Vec::new, |include| self.includes(file, &include));
        for part in parts {
            self.merge(&mut root, part, Second::Refused);
        }
        self.changes(&mut root, assembly.changes.as_ref(), keep);
        Some(root)
    }

    fn merge(&mut self, root: &mut Node, other: Node, second: Second) {
        let before = self.faults.len();
        merge(root, other, second, &self.sources, &mut self.faults);
        self.broken |= self.faults.len() > before;
    }

    fn base(&mut self, file: &FilePath, base: &Node) -> Option<Node> {
        let Kind::Text(name) = &base.kind else {
            self.fault(base.span, format!("expected the path of a file in quotes, found {}", base.found()));
            return None;
        };
        let (path, _) = self.within_folder(file, name, base.span)?;
        self.scenario(&path, Some(base.span), None, None)
    }

    fn changes(&mut self, root: &mut Node, changes: Option<&Node>, keep: Option<&[bool]>) {
        let items = match changes.map(|node| (&node.kind, node.span, node)) {
            None => &[],
            Some((Kind::List(items), _, _)) => items.as_slice(),
            Some((_, span, node)) => {
                self.fault(span, format!("expected a list of changes, found {}", node.found()));
                return;
            }
        };
        self.own_changes = items.iter().map(Node::to_string).collect();
        // After a broken file every change to its contents would fail too.
        if self.broken {
            return;
        }
        let kept = |index: usize| keep.and_then(|keep| keep.get(index)).copied().unwrap_or(true);
        for (_, item) in items.iter().enumerate().filter(|(index, _)| kept(*index)) {
            let result = Change::from_node(item).and_then(|change| change.apply(root, &mut self.budget));
            self.faults.extend(result.err());
            // Looking for the names that wrong paths could have meant takes time.
            if self.faults.len() >= MAX_WRONG_CHANGES {
                break;
            }
        }
    }

    /// The parts in the files and folders that `include` lists.
    fn includes(&mut self, file: &FilePath, include: &Node) -> Vec<Node> {
        let Kind::List(names) = &include.kind else {
            self.fault(include.span, format!("expected a list of files and folders, found {}", include.found()));
            return Vec::new();
        };
        let mut parts = Vec::new();
        for name in names {
            if self.faults.len() >= MAX_FAULTS {
                break;
            }
            let Kind::Text(text) = &name.kind else {
                self.fault(
                    name.span,
                    format!("expected the path of a file or folder in quotes, found {}", name.found()),
                );
                continue;
            };
            let Some((path, _)) = self.within_folder(file, text, name.span) else { continue };
            let mut files = Vec::new();
            if let Err(message) = list_files(&path, 0, &mut files) {
                self.fault(name.span, message);
            }
            parts.extend(files.iter().filter_map(|file| self.include(file, name.span)));
        }
        parts
    }

    fn include(&mut self, file: &FilePath, asked: Span) -> Option<Node> {
        // A link inside a folder may lead anywhere.
        let canonical = self.canonical(file, &file.display().to_string(), asked)?;
        if let Some((_, first)) = self.included.iter().find(|(path, _)| *path == canonical) {
            let help = format!("it is first included at {}", self.sources.line(*first));
            self.faults.push(Fault::new(asked, format!("`{}` is included twice", file.display())).help(help));
            self.broken = true;
            return None;
        }
        if self.chain.contains(&canonical) {
            self.fault(asked, format!("`{}` includes itself", file.display()));
            return None;
        }
        self.included.push((canonical, asked));
        let mut part = self.read_text(file, Some(asked))?;
        let Assembly { base, include, changes } = take_assembly(&mut part);
        for (field, name) in [(base, "base"), (include, "include"), (changes, "changes")] {
            if let Some(node) = field {
                self.fault(node.span, format!("an included file has no `{name}`"));
            }
        }
        self.check_ids(&part);
        Some(part)
    }

    /// Reads a file of the chain of bases.
    fn read(&mut self, file: &FilePath, asked: AskedAt) -> Option<Node> {
        if let Ok(canonical) = file.canonicalize() {
            if self.chain.contains(&canonical) {
                let detour = match self.chain.len() {
                    1 => String::new(),
                    files => format!(", over {files} files"),
                };
                self.blame(asked, format!("`{}` is its own base{detour}", file.display()));
                return None;
            }
            self.chain.push(canonical);
        }
        self.read_text(file, asked)
    }

    fn read_text(&mut self, file: &FilePath, asked: AskedAt) -> Option<Node> {
        let text = match self.bytes_of(file) {
            Ok(text) => text,
            Err(message) => {
                self.blame(asked, message);
                return None;
            }
        };
        let id = self.sources.add(file.display().to_string(), &text);
        let (node, faults) = parse(&text, id, &mut self.budget.nodes);
        self.broken |= !faults.is_empty();
        self.faults.extend(faults);
        let node = node?;
        match &node.kind {
            Kind::Struct(None, _) => Some(node),
            Kind::Tuple(None, items) if items.is_empty() => Some(Node { kind: Kind::Struct(None, Vec::new()), ..node }),
            _ => {
                let fault = Fault::new(node.span, format!("expected fields `(name: ..)`, found {}", node.found()));
                self.refuse(match node.kind {
                    Kind::Map(_) => fault.help("fields stand in parentheses, without quotes"),
                    _ => fault,
                });
                None
            }
        }
    }

    fn bytes_of(&mut self, file: &FilePath) -> Result<String, String> {
        let name = file.display();
        let cannot = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file `{name}`"),
            kind => format!("`{name}` cannot be read: {kind}"),
        };
        // A pipe or device could block or never end.
        if !std::fs::metadata(file).map_err(cannot)?.is_file() {
            return Err(format!("`{name}` is not a file"));
        }
        if self.sources.0.len() >= MAX_FILES {
            return Err(format!("the scenario consists of more than {MAX_FILES} files"));
        }
        let mut bytes = Vec::new();
        let limit = MAX_FILE_BYTES as u64 + 1;
        std::fs::File::open(file).map_err(cannot)?.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
        if bytes.len() > MAX_FILE_BYTES {
            return Err(format!("`{name}` is larger than {} MiB", MAX_FILE_BYTES >> 20));
        }
        self.bytes += bytes.len();
        if self.bytes > MAX_TOTAL_BYTES {
            return Err(format!("the files of the scenario have more than {} MiB together", MAX_TOTAL_BYTES >> 20));
        }
        String::from_utf8(bytes).map_err(|error| {
            format!("`{name}` is not UTF-8 text: byte {} is the first wrong one", error.utf8_error().valid_up_to())
        })
    }

    /// `name` as seen from `file`, if it stays in the folder; as written and canonical.
    fn within_folder(&mut self, file: &FilePath, name: &str, asked: Span) -> Option<(PathBuf, PathBuf)> {
        if name.contains('\0') || FilePath::new(name).has_root() {
            self.leaves(name, asked);
            return None;
        }
        let path = file.parent().unwrap_or(FilePath::new("")).join(name);
        let canonical = self.canonical(&path, name, asked)?;
        Some((without_detours(&path, &canonical).unwrap_or(path), canonical))
    }

    fn canonical(&mut self, path: &FilePath, name: &str, asked: Span) -> Option<PathBuf> {
        let Ok(canonical) = path.canonicalize() else {
            let fault = Fault::new(asked, format!("there is no file or folder `{name}`"));
            self.refuse(match self.neighbour(path) {
                Some(close) => fault.help(format!("did you mean `{close}`?")),
                None => fault,
            });
            return None;
        };
        match &self.folder {
            Some(folder) if canonical.starts_with(folder) => Some(canonical),
            _ => {
                self.leaves(name, asked);
                None
            }
        }
    }

    /// The nearest name beside a file that is not there.
    fn neighbour(&self, path: &FilePath) -> Option<String> {
        const MOST: usize = 1_000;
        let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
        // What lies outside is not told.
        let inside =
            folder.canonicalize().ok().is_some_and(|at| self.folder.as_ref().is_some_and(|f| at.starts_with(f)));
        let entries = if inside { folder.read_dir().ok()? } else { return None };
        let mut names: Vec<String> =
            entries.take(MOST).filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }

    fn leaves(&mut self, name: &str, asked: Span) {
        let fault = Fault::new(asked, format!("`{}` leaves the scenario's folder", name.escape_debug()));
        self.refuse(fault.help(format!(
            "a scenario uses files of its own folder and below, and one in a folder `{SCENARIOS}` all that is in there"
        )));
    }

    /// Keys of maps are ids, so that dotted paths have one meaning.
    fn check_ids(&mut self, node: &Node) {
        if let Kind::Map(entries) = &node.kind {
            for entry in entries.iter().filter(|entry| !is_id(&entry.key)) {
                let message = format!("an id is made of a-z, 0-9 and `-`, found {:?}", entry.key);
                self.faults.push(Fault::new(entry.key_span, message));
            }
        }
        node.children().for_each(|child| self.check_ids(child));
    }

    fn blame(&mut self, asked: AskedAt, message: String) {
        match asked {
            Some(span) => self.fault(span, message),
            None => {
                self.broken = true;
                self.unplaced.push(message);
            }
        }
    }

    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.refuse(Fault::new(span, message));
    }

    /// Takes in a fault after which parts of the scenario are missing.
    fn refuse(&mut self, fault: Fault) {
        self.broken = true;
        self.faults.push(fault);
    }
}

/// The innermost folder called `scenarios` that `file` lies in, or else its own; canonical, if it exists.
fn folder_of(file: &FilePath) -> Option<PathBuf> {
    let own = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(FilePath::new("."));
    let own = own.canonicalize().ok()?;
    let shared = own.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == SCENARIOS));
    Some(shared.unwrap_or(&own).to_owned())
}

/// `a/../b` as `b`, if that is the same file, which links may prevent.
fn without_detours(path: &FilePath, canonical: &FilePath) -> Option<PathBuf> {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if matches!(short.components().next_back(), Some(Component::Normal(_))) => {
                short.pop();
            }
            Component::CurDir => {}
            _ => short.push(part),
        }
    }
    short.canonicalize().is_ok_and(|same| same == canonical).then_some(short)
}

fn take_assembly(root: &mut Node) -> Assembly {
    let mut assembly = Assembly::default();
    if let Kind::Struct(_, entries) = &mut root.kind {
        let mut take = |name: &str| -> Option<Node> {
            let index = entries.iter().position(|Entry { key, .. }| key == name)?;
            Some(entries.remove(index).value)
        };
        assembly = Assembly { base: take("base"), include: take("include"), changes: take("changes") };
    }
    assembly
}

/// The `.ron` files at or below `path`, sorted by name within each folder.
fn list_files(path: &FilePath, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), String> {
    const DEEPEST: usize = 16;
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth > DEEPEST {
        return Err(format!("`{}` has folders nested deeper than {DEEPEST}", path.display()));
    }
    let cannot = |error: std::io::Error| format!("`{}` cannot be listed: {}", path.display(), error.kind());
    let entries = std::fs::read_dir(path).map_err(cannot)?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "ron") {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        if files.len() >= MAX_FILES {
            return Err(format!("the scenario consists of more than {MAX_FILES} files"));
        }
        list_files(&path, depth + 1, files)?;
    }
    Ok(())
}
