//! The input and the data of a context while a patch changes them.

use crate::call::context::Parts;
use crate::call::patch::bounds::{Bounds, TOO_MANY_VALUES, Unpatched, Work};
use crate::call::patch::equality::is_same;
use crate::call::patch::node::Node;
use crate::call::patch::operation::{Action, Operation};
use crate::call::patch::patched::Patched;
use crate::call::patch::pointer::{Part, Pointer};
use crate::json::harmless::MAX_DEPTH;
use crate::json::object;
use crate::json::parse_cost::Tally;
use crate::limits::Limit;

/// A pointer leads nowhere.
const NOTHING: &str = "there is no such value";

/// Copies make the document too long.
const TOO_LONG: &str = "copies make the context longer than maxResultBytes allows";

/// The two parts that a patch can change.
pub(crate) struct Document<'a> {
    work: &'a Work<'a>,
    input: Changing<'a>,
    data: Changing<'a>,
    /// The length of both parts, about.
    bytes: usize,
    /// The length that no operation may exceed.
    most_bytes: usize,
    /// The length that the changed parts may have at the end.
    result_bytes: usize,
    /// Has it a value more than once?
    pub(crate) has_copies: bool,
}

struct Changing<'a> {
    value: Node<'a>,
    is_changed: bool,
}

impl<'a> Document<'a> {
    pub(crate) fn of(Parts { input, data, .. }: Parts<'a>, bounds: &Bounds<'_>, work: &'a Work<'a>) -> Self {
        let data = data.unwrap_or("null");
        let part = |text| Changing { value: Node::Whole(text), is_changed: false };
        let bytes = input.len().saturating_add(data.len());
        // Only copies can exceed it: all other values are part of the patch, which is no longer than a result.
        let most_bytes = bytes.saturating_add(bounds.bytes);
        let (input, data, result_bytes) = (part(input), part(data), bounds.bytes);
        Self { work, input, data, bytes, most_bytes, result_bytes, has_copies: false }
    }

    /// Applies an operation. If it is refused, the document is not to be used further.
    pub(crate) fn apply(&mut self, Operation { action, path }: &Operation<'a>) -> Result<(), &'static str> {
        match action {
            Action::Add(value) => self.add(path, Node::Whole(value)),
            Action::Remove => self.remove(path).map(drop),
            Action::Replace(value) => {
                self.find(path)?;
                self.replace(path, Node::Whole(value))
            }
            Action::Move(from) => {
                if from.contains(path) {
                    return Err("a value cannot be moved into itself");
                }
                let value = self.remove(from)?;
                self.add(path, value)
            }
            Action::Copy(from) => {
                let room = self.most_bytes.saturating_sub(self.bytes);
                let work = self.work;
                let value = self.find(from)?;
                if value.length() > room {
                    return Err(TOO_LONG);
                }
                let value = value.copy(work).ok_or(NOTHING)?;
                self.has_copies = true;
                self.add(path, value)
            }
            Action::Test(value) => {
                let work = self.work;
                let text;
                let found = match self.find(path)? {
                    Node::Whole(whole) => *whole,
                    taken_apart => {
                        text = taken_apart.to_text(work).ok_or(NOTHING)?;
                        &text
                    }
                };
                // What a comparison takes apart is gone after it.
                match is_same(found, value, &Work::new(work.patience)) {
                    Some(true) => Ok(()),
                    Some(false) => Err("the value is another one"),
                    None => Err(TOO_MANY_VALUES),
                }
            }
        }
    }

    /// The changed parts, if JavaScript may get them. They have no more values than `tally`, if it is known.
    pub(crate) fn end(self, tally: Option<Tally>) -> Result<Patched, Unpatched> {
        let parts = [&self.input, &self.data].into_iter().filter(|part| part.is_changed);
        let bytes = parts.map(|part| part.value.length()).fold(0, usize::saturating_add);
        if bytes > self.result_bytes {
            let (name, most) = (Limit::RESULT_BYTES.name, self.result_bytes);
            return Err(Unpatched::Refused(format!("the patched context has {bytes} bytes; {name} is {most}")));
        }
        let [input, data] = [self.input, self.data].map(|part| part.into_text(self.work));
        let (input, data) = input.zip(data).ok_or(Unpatched::Late)?;
        if input.as_ref().is_some_and(|input| !object::is_object(input)) {
            return Err(Unpatched::Refused("the patch makes input something else than an object".to_owned()));
        }
        if data.as_ref().is_some_and(|data| data == "null") {
            return Err(Unpatched::Refused("the patch makes data null, which a result cannot say".to_owned()));
        }
        Ok(Patched { input, data, tally })
    }

    fn part(&mut self, part: Part) -> &mut Changing<'a> {
        match part {
            Part::Input => &mut self.input,
            Part::Data => &mut self.data,
        }
    }

    fn find(&mut self, path: &Pointer<'_>) -> Result<&mut Node<'a>, &'static str> {
        let work = self.work;
        self.part(path.part).value.find(&path.steps, work).ok_or(NOTHING)
    }

    /// Puts a value where the path leads, if its parent is there.
    fn add(&mut self, path: &Pointer<'_>, value: Node<'a>) -> Result<(), &'static str> {
        let Some((last, steps)) = path.steps.split_last() else {
            return self.replace(path, value);
        };
        self.make_room(path, &value, last.len())?;
        let work = self.work;
        let part = self.part(path.part);
        let parent = part.value.find(steps, work).ok_or(NOTHING)?;
        let replaced = parent.insert(last, value, work).map_err(|()| "there is no such place")?;
        part.is_changed = true;
        self.bytes = self.bytes.saturating_sub(replaced.map_or(0, |replaced| replaced.length()));
        Ok(())
    }

    fn replace(&mut self, path: &Pointer<'_>, value: Node<'a>) -> Result<(), &'static str> {
        self.make_room(path, &value, 0)?;
        let replaced = std::mem::replace(self.find(path)?, value);
        self.part(path.part).is_changed = true;
        self.bytes = self.bytes.saturating_sub(replaced.length());
        Ok(())
    }

    fn remove(&mut self, path: &Pointer<'_>) -> Result<Node<'a>, &'static str> {
        let (last, steps) = path.steps.split_last().ok_or("the whole of input or data cannot be removed")?;
        let work = self.work;
        let part = self.part(path.part);
        let removed = part.value.find(steps, work).and_then(|parent| parent.remove(last, work)).ok_or(NOTHING)?;
        part.is_changed = true;
        self.bytes = self.bytes.saturating_sub(removed.length());
        Ok(removed)
    }

    /// May the document have this value, too?
    fn make_room(&mut self, path: &Pointer<'_>, value: &Node<'a>, key_bytes: usize) -> Result<(), &'static str> {
        let levels = value.depth(self.work).ok_or(NOTHING)?;
        if levels > MAX_DEPTH.saturating_sub(path.steps.len()) {
            return Err("it would nest more than 128 levels deep");
        }
        self.bytes = self.bytes.saturating_add(value.length()).saturating_add(key_bytes);
        if self.bytes > self.most_bytes { Err(TOO_LONG) } else { Ok(()) }
    }
}

impl Changing<'_> {
    /// Its text if it is changed; `None` if the patience ends before.
    #[expect(clippy::option_option, reason = "what is not changed is not late")]
    fn into_text(self, work: &Work<'_>) -> Option<Option<String>> {
        if self.is_changed { self.value.to_text(work).map(Some) } else { Some(None) }
    }
}
