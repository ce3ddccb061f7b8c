//! Where frames are in the sources of a plugin's script.

use crate::backtrace::script_map::ScriptMap;
use crate::call::thrown::frame::Frame;

/// The sources of a plugin's script, as far as they are known and there is time to look.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) map: Option<&'a ScriptMap>,
    pub(crate) is_late: &'a dyn Fn() -> bool,
}

impl Sources<'_> {
    /// Replaces locations in the script by those in its sources. The map is looked through once for all of them.
    pub(crate) fn locate<'f>(&self, frames: impl Iterator<Item = &'f mut Frame>) {
        if let Some(map) = self.map {
            let mut locations: Vec<_> = frames.filter_map(Frame::location_mut).collect();
            if !locations.is_empty() {
                map.replace(&mut locations, self.is_late);
            }
        }
    }
}
