//! What has the kernel move the pages of a process, or swap them out. Both need root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const COMPACT: &str = "/proc/sys/vm/compact_memory";

/// Has the kernel move pages together, this process's among them; `false` without root.
pub fn compact() -> bool {
    fs::write(COMPACT, "1").is_ok()
}

/// The pages that were ever swapped out.
pub fn swapped_out() -> u64 {
    let counts = fs::read_to_string("/proc/vmstat").unwrap();
    let line = counts.lines().find_map(|line| line.strip_prefix("pswpout ")).unwrap();
    line.parse().unwrap()
}

/// Asks the kernel to swap out the memories of guests. Each is in a reservation of gigabytes, and so is followed by a mapping that
/// cannot be accessed.
#[cfg(target_os = "linux")]
pub fn page_out() {
    const RESERVED: usize = 1 << 30;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mappings: Vec<_> = maps.lines().filter_map(mapping).collect();
    for (index, (begins, ends, access)) in mappings.iter().enumerate() {
        let after = mappings[index..]
            .iter()
            .take(4)
            .any(|(begins, ends, access)| *access == "---p" && ends - begins >= RESERVED);
        if after && matches!(*access, "rw-p" | "r--p") {
            let pages = std::ptr::without_provenance_mut(*begins);
            // SAFETY: swapping a page out does not change what it contains. If it is not mapped any more, the call fails.
            unsafe { libc::madvise(pages, ends - begins, libc::MADV_PAGEOUT) };
        }
    }
}

fn mapping(line: &str) -> Option<(usize, usize, &str)> {
    let mut words = line.split_whitespace();
    let (range, access) = (words.next()?, words.next()?);
    let (begins, ends) = range.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    Some((address(begins)?, address(ends)?, access))
}

#[cfg(not(target_os = "linux"))]
pub fn page_out() {}

/// A swap file that is in use.
pub struct Swap(PathBuf);

impl Swap {
    pub fn on() -> Option<Self> {
        const MEGABYTES: usize = 512;
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("swap-{}", std::process::id()));
        // A swap file may have no holes.
        fs::write(&file, vec![1; MEGABYTES * 1_024 * 1_024]).ok()?;
        let swap = Self(file);
        let runs = |program: &str| {
            let status = Command::new(program).arg(&swap.0).stdout(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        (Command::new("chmod").arg("600").arg(&swap.0).status().is_ok() && runs("mkswap") && runs("swapon"))
            .then_some(swap)
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        // It fails if the swap was never on.
        let _ = Command::new("swapoff").arg(&self.0).stderr(Stdio::null()).status();
        let _ = fs::remove_file(&self.0);
    }
}
