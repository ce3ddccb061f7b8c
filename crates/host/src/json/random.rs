//! Random JSON for tests. It is the same in each run.

/// Makes up JSON.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    /// A number below this one, which is not 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A key or a string, as JSON.
    pub(crate) fn string(&mut self) -> &'static str {
        self.pick(&[
            r#""""#,
            r#""a""#,
            r#""b""#,
            r#""key""#,
            r#""0""#,
            r#""1""#,
            r#""a/b""#,
            r#""m~n""#,
            r#""é😀""#,
            r#""\u0061""#,
            r#""\ud83d""#,
            r#""\"[{\\""#,
            r#""longer than sixteen bytes, {and} [with] \"brackets\"""#,
            r#""_""#,
            r#""__prot""#,
            r#""-0""#,
        ])
    }

    /// Any value, nested at most so deep.
    pub(crate) fn value(&mut self, depth: usize) -> String {
        let scalars = ["0", "-0", "7", "-1.50", "12345678901234567890", "1e400", "2.5E-7", "true", "false", "null"];
        match self.below(if depth == 0 { 3 } else { 6 }) {
            0 | 1 => self.pick(&scalars).to_owned(),
            2 => self.string().to_owned(),
            3 => self.array(depth),
            _ => self.object(depth),
        }
    }

    pub(crate) fn array(&mut self, depth: usize) -> String {
        let items: Vec<_> = (0..self.below(4)).map(|_| self.value(depth - 1)).collect();
        format!("[{}]", items.join(self.pick(&[",", " , ", ",\n"])))
    }

    pub(crate) fn object(&mut self, depth: usize) -> String {
        let members: Vec<_> = (0..self.below(5))
            .map(|_| {
                let (key, colon) = (self.string(), self.pick(&[":", " : "]));
                format!("{key}{colon}{}", self.value(depth - 1))
            })
            .collect();
        format!("{{{}}}", members.join(self.pick(&[",", " , "])))
    }

    /// An answer of a plugin.
    pub(crate) fn answer(&mut self) -> String {
        let mut members = vec![r#""ok":true"#.to_owned()];
        if self.below(2) == 0 {
            let (input, data, other) = (self.object(4), self.value(4), self.value(2));
            members.push(match self.below(4) {
                0 => format!(r#""ctx":{{"input":{input},"data":{data}}}"#),
                1 => format!(r#" "ctx" : {{ "user":{other}, "data":{data} }} "#),
                2 => format!(r#""ctx":{{"input":{input}}}"#),
                _ => r#""ctx":null"#.to_owned(),
            });
        } else {
            members[0] = r#""ok":false"#.to_owned();
            members.push(format!(r#""details":{}"#, self.array(4)));
            members.push(format!(r#""error":{}"#, self.pick(&["null", r#""why""#, r#""why \"not\"\n""#])));
        }
        if self.below(3) == 0 {
            members.push(format!(r#""other":{}"#, self.value(2)));
        }
        let last = self.below(members.len());
        members.swap(0, last);
        format!("{{{}}}", members.join(","))
    }
}
