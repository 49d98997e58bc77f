//! Files written whole or not at all: a temporary name in the same folder, then a rename.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that could not be written or read.
#[derive(Debug)]
pub struct FileError {
    /// The file that was asked for, not its temporary name.
    pub path: PathBuf,
    /// What was being done, such as `write`.
    pub action: &'static str,
    /// Why it failed.
    pub source: io::Error,
}

impl FileError {
    pub(crate) fn new(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self { path: path.to_path_buf(), action, source: source.into() }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`: {}", self.action, self.path.display(), self.source)
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// A file under its temporary name. Dropped before [`PendingFile::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct PendingFile {
    path: PathBuf,
    temporary: PathBuf,
    committed: bool,
}

impl PendingFile {
    /// Opens the temporary of `path`, in a folder that is created if need be.
    ///
    /// # Errors
    /// If the folder or the file cannot be created.
    pub fn create(path: &Path) -> Result<(Self, File), FileError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|source| FileError::new("create the folder of", path, source))?;
        }
        let temporary = temporary_of(path);
        let file = File::create(&temporary).map_err(|source| FileError::new("create", path, source))?;
        Ok((Self { path: path.to_path_buf(), temporary, committed: false }, file))
    }

    /// The name that the file will have.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name. Whoever wrote it has flushed it before.
    ///
    /// # Errors
    /// If the file cannot be renamed; the temporary is then removed.
    pub fn commit(mut self) -> Result<(), FileError> {
        fs::rename(&self.temporary, &self.path).map_err(|source| FileError::new("write", &self.path, source))?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing better can be done about a temporary that cannot be removed than to leave it.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// The process id keeps two runs into one folder from writing into one temporary.
fn temporary_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Writes `path` with `fill`: either the whole file stands there afterwards, or what stood there before.
///
/// # Errors
/// What `fill` or the disk refused, with the path; the temporary is removed.
pub fn write_atomically(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    let (pending, file) = PendingFile::create(path)?;
    fill_and_flush(BufWriter::with_capacity(1 << 16, file), fill)
        .map_err(|source| FileError::new("write", path, source))?;
    pending.commit()
}

/// A full disk may show only when the buffer is emptied, so the flush belongs to the writing.
fn fill_and_flush(mut writer: impl Write, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    fill(&mut writer)?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_written_file_has_its_name_and_no_temporary_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.csv");
        write_atomically(&path, |out| out.write_all(b"x,y\n")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"x,y\n");
        assert_eq!(entries(path.parent().unwrap()), ["a.csv"]);
    }

    #[test]
    fn a_failed_fill_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "old").unwrap();
        let error = write_atomically(&path, |out| {
            out.write_all(b"half of the new")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert!(error.to_string().contains("a.csv"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(entries(folder.path()), ["a.csv"]);
    }

    /// `/dev/full` accepts the buffered bytes and refuses them when they are flushed, as a full disk does.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::os::unix::fs::symlink("/dev/full", temporary_of(&path)).unwrap();
        let error = write_atomically(&path, |out| out.write_all(b"short")).unwrap_err();
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(entries(folder.path()).is_empty());
    }

    #[test]
    fn a_folder_that_is_a_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("f"), "").unwrap();
        let error = write_atomically(&folder.path().join("f/a.csv"), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("f/a.csv"), "{error}");
    }
}
