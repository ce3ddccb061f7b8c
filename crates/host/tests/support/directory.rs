//! Files for a test.

use std::fs;
use std::path::PathBuf;

/// A private directory that is removed after the test.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hookcell-{name}-{}", std::process::id()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn with(self, file: &str, guest: &str) -> Self {
        fs::write(self.0.join(file), super::fixture(guest)).unwrap();
        self
    }

    pub fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
