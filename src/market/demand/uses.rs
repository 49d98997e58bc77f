//! Which providers one account uses.

/// A row of all providers, 1 for each that the account uses and 0 for the others: what is added up over millions of accounts
/// is multiplied by it, as a processor guesses wrongly who uses what.
pub(super) struct Uses {
    /// By provider, and last of what is none.
    of: Vec<f64>,
}

impl Uses {
    /// For so many providers; to be cleared before each account.
    pub fn new(providers: usize) -> Self {
        Self { of: vec![0.0; providers + 1] }
    }

    /// The next account: no provider yet. The place after the last is none that could be added.
    pub fn clear(&mut self) {
        self.of.fill(0.0);
        *self.of.last_mut().expect("a place for none") = 1.0;
    }

    /// Adds the provider at a position: 1 if it was not used yet, else 0.
    pub fn add(&mut self, at: usize) -> f64 {
        let new = 1.0 - self.of[at];
        self.of[at] = 1.0;
        new
    }

    /// 1 or 0, by provider.
    pub fn of(&self) -> &[f64] {
        &self.of[..self.of.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_once_and_none_does_not() {
        let mut uses = Uses::new(3);
        for _ in 0..2 {
            uses.clear();
            assert_eq!([2, 0, 2, 3].map(|at| uses.add(at)), [1.0, 1.0, 0.0, 0.0]);
            assert_eq!(uses.of(), [1.0, 0.0, 1.0]);
        }
    }
}
