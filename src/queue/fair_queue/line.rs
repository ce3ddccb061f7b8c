//! A line: what comes last leaves last, unless it leaves early.

use std::collections::VecDeque;

/// Values by ascending keys. Compared to a tree, a step at either end touches little memory, which matters because the event
/// loop and a worker take turns. To leave early takes a search, and the gap is closed later.
#[derive(Debug)]
pub(super) struct Line<K, V> {
    /// The first and the last are no gaps.
    places: VecDeque<(K, Option<V>)>,
    gaps: usize,
}

impl<K: Ord + Copy, V> Line<K, V> {
    pub(super) fn new() -> Self {
        Self { places: VecDeque::new(), gaps: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len().saturating_sub(self.gaps)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn first_key(&self) -> Option<K> {
        self.places.front().map(|(key, _)| *key)
    }

    /// Would a value with this key be the last?
    pub(super) fn ends_before(&self, key: K) -> bool {
        self.places.back().is_none_or(|(last, _)| *last < key)
    }

    /// Adds a value with the greatest key.
    pub(super) fn push(&mut self, key: K, value: V) {
        debug_assert!(self.ends_before(key), "the keys ascend");
        self.places.push_back((key, Some(value)));
    }

    pub(super) fn pop_first(&mut self) -> Option<(K, V)> {
        let (key, value) = self.places.pop_front()?;
        self.close_gaps_at_the_ends();
        Some((key, value?))
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let index = self.places.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        let value = self.places.get_mut(index)?.1.take()?;
        self.gaps = self.gaps.saturating_add(1);
        self.close_gaps_at_the_ends();
        // Each gap is closed once, by a step that closes as many as there are values.
        if self.gaps > self.len() {
            self.places.retain(|(_, value)| value.is_some());
            self.gaps = 0;
        }
        Some(value)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        self.places.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| *key)
    }

    fn close_gaps_at_the_ends(&mut self) {
        while self.places.pop_front_if(|(_, value)| value.is_none()).is_some()
            || self.places.pop_back_if(|(_, value)| value.is_none()).is_some()
        {
            self.gaps = self.gaps.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Line;

    #[test]
    fn it_does_what_a_tree_does_in_any_order_of_steps_and_holds_few_gaps() {
        let (mut line, mut tree) = (Line::new(), BTreeMap::new());
        let mut random: u32 = 1;
        for key in 0..20_000_u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            line.push(key, key * 2);
            tree.insert(key, key * 2);
            match (random >> 16) % 4 {
                0 => assert_eq!(line.pop_first(), tree.pop_first()),
                1 | 2 => {
                    let key = key - (random >> 20) % 60.min(key + 1);
                    assert_eq!(line.remove(key), tree.remove(&key));
                }
                _ => {}
            }
            assert_eq!((line.len(), line.is_empty()), (tree.len(), tree.is_empty()));
            assert_eq!(line.first_key(), tree.first_key_value().map(|(key, _)| *key));
            assert!(line.places.len() <= 2 * tree.len() + 1);
        }
        assert!(line.keys().eq(tree.keys().copied()));
    }

    #[test]
    fn an_early_leave_costs_no_search_through_the_gaps() {
        let mut line = Line::new();
        line.push(0, ());
        for key in 1..1_000_u32 {
            line.push(key, ());
            line.push(key + 1_000_000, ());
            assert!(line.remove(key + 1_000_000).is_some());
            assert!(line.remove(key).is_some());
        }
        assert_eq!((line.len(), line.places.len()), (1, 1));
    }
}
