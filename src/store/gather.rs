//! Questions that come while the database is busy with others of their kind are asked together, in one statement.
//!
//! For a database to begin a statement takes longer than to find a few rows by their keys, and so does the way there. Nobody
//! waits for others to come: a question is asked at once while no statement is under way, and what came in the meantime shares
//! the next one. That begins after each of its questions was put, so that no answer is older than the question. Several
//! statements are under way only where one is not enough: more questions wait than share a statement, or one takes long.

use std::{
    future::Future,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::{Store, error::StoreError};

/// At most so many statements are under way at a time.
const LANES: usize = 4;

/// Who has waited for so long waits no more for statements that are under way: perhaps one of them gets no answer.
const PATIENCE: Duration = Duration::from_millis(10);

/// At most so many questions share a statement: their answers are worked out together, and the first waits for the last.
const MOST_TOGETHER: usize = 64;

/// What can be asked about many things at once.
pub trait Ask: Send + Sync + 'static {
    /// About one thing.
    type Question: Send + Sync + 'static;
    /// Of one question.
    type Answer: Send + 'static;

    /// One answer for each question, in the same order.
    fn ask(&self, questions: &[Self::Question]) -> impl Future<Output = Result<Vec<Self::Answer>, StoreError>> + Send;
}

/// Asks, several questions together where that is of use: a database in this process has nothing of a way that could be
/// shared. Clones share everything.
pub struct Gatherer<A: Ask>(Arc<Inner<A>>);

struct Inner<A: Ask> {
    ask: A,
    store: Store,
    patience: Duration,
    desk: Mutex<Desk<A>>,
}

/// Questions that wait, and how many statements are under way.
struct Desk<A: Ask> {
    waiting: Vec<Waiting<A>>,
    busy: usize,
}

/// A question, and where its answer goes.
type Waiting<A> = (<A as Ask>::Question, Reply<A>);
/// Questions, and where their answers go, in the same order.
type Taken<A> = (Vec<<A as Ask>::Question>, Vec<Reply<A>>);
type Reply<A> = oneshot::Sender<Result<<A as Ask>::Answer, StoreError>>;

impl<A: Ask> Clone for Gatherer<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Ask> std::fmt::Debug for Gatherer<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gatherer").finish_non_exhaustive()
    }
}

impl<A: Ask> Gatherer<A> {
    /// What `ask` asks, `store` answers.
    pub fn new(store: Store, ask: A) -> Self {
        Self::with_patience(store, ask, PATIENCE)
    }

    fn with_patience(store: Store, ask: A, patience: Duration) -> Self {
        let desk = Mutex::new(Desk { waiting: Vec::new(), busy: 0 });
        Self(Arc::new(Inner { ask, store, patience, desk }))
    }

    /// Asks one question.
    ///
    /// # Errors
    /// As [`StoreError`] says. Where as many wait as may, this is an outage at once.
    pub async fn ask(&self, question: A::Question) -> Result<A::Answer, StoreError> {
        let inner = &self.0;
        if !inner.store.database().is_postgres() {
            return inner.ask_alone(&question).await;
        }
        let (reply, mut answer) = oneshot::channel();
        {
            let mut desk = inner.desk();
            if desk.waiting.len() >= inner.store.database().queue() {
                return Err(inner.store.database().turn_away());
            }
            desk.waiting.push((question, reply));
            if desk.busy == 0 || desk.waiting.len() >= MOST_TOGETHER {
                self.open_lane(&mut desk);
            }
        }
        let answer = match timeout(inner.patience, &mut answer).await {
            Ok(answer) => answer,
            Err(_elapsed) => {
                self.open_lane(&mut inner.desk());
                answer.await
            }
        };
        answer.unwrap_or(Err(StoreError::Unavailable(sqlx::Error::WorkerCrashed)))
    }

    /// Questions that wait for the next statement.
    pub fn waiting(&self) -> usize {
        self.0.desk().waiting.len()
    }

    /// One more statement for those who wait, if there may be one more.
    fn open_lane(&self, desk: &mut Desk<A>) {
        if desk.busy < LANES && !desk.waiting.is_empty() {
            desk.busy += 1;
            let lane = Lane { inner: Arc::clone(&self.0), is_open: true };
            // A task of its own: others wait for the same statement, and this request may be given up.
            tokio::spawn(lane.work());
        }
    }
}

impl<A: Ask> Inner<A> {
    fn desk(&self) -> MutexGuard<'_, Desk<A>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask_alone(&self, question: &A::Question) -> Result<A::Answer, StoreError> {
        let mut answers = self.ask.ask(std::slice::from_ref(question)).await?;
        answers.pop().ok_or(StoreError::Unavailable(sqlx::Error::WorkerCrashed))
    }

    async fn ask_together(&self, (questions, replies): Taken<A>) {
        // Who went away in the meantime needs no answer: hence no look at what `send` says.
        let outage = match self.ask.ask(&questions).await {
            Ok(answers) => {
                replies.into_iter().zip(answers).for_each(|(reply, answer)| drop(reply.send(Ok(answer))));
                return;
            }
            Err(error) => error,
        };
        for (question, reply) in questions.iter().zip(replies) {
            let answer = match outage.shared_outage() {
                Some(outage) => Err(outage),
                // What one question meets, a row that cannot be read, is no answer to the others.
                None => self.ask_alone(question).await,
            };
            drop(reply.send(answer));
        }
    }
}

/// One of those who take questions to the database, for as long as there are any.
struct Lane<A: Ask> {
    inner: Arc<Inner<A>>,
    is_open: bool,
}

impl<A: Ask> Lane<A> {
    async fn work(mut self) {
        while let Some(taken) = self.take() {
            self.inner.ask_together(taken).await;
        }
    }

    /// What waits, but for those who went away. `None`: nothing does, and the lane is closed; the next question opens one.
    fn take(&mut self) -> Option<Taken<A>> {
        let mut desk = self.inner.desk();
        desk.waiting.retain(|(_, reply)| !reply.is_closed());
        if desk.waiting.is_empty() {
            // At once, before there can be another question: it would find all lanes busy, and nobody would come for it.
            desk.busy -= 1;
            self.is_open = false;
            return None;
        }
        let together = desk.waiting.len().min(MOST_TOGETHER);
        let later = desk.waiting.split_off(together);
        Some(mem::replace(&mut desk.waiting, later).into_iter().unzip())
    }
}

/// A lane that is still open here met a panic, or the end of the runtime.
impl<A: Ask> Drop for Lane<A> {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        let mut desk = self.inner.desk();
        desk.busy -= 1;
        if desk.busy == 0 {
            // Nobody would come for them.
            desk.waiting.clear();
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "tests fail by panicking")]
mod tests {
    use sqlx::postgres::PgConnectOptions;
    use tokio::{sync::Semaphore, task::JoinHandle};

    use super::*;
    use crate::store::{DatabaseSettings, Location};

    /// Doubles numbers, when it may. 13 cannot be read, with 99 the database goes away, and at 66 the program breaks.
    struct Double {
        may: Semaphore,
        asked: Mutex<Vec<Vec<u32>>>,
    }

    impl Ask for Arc<Double> {
        type Question = u32;
        type Answer = u32;

        async fn ask(&self, questions: &[u32]) -> Result<Vec<u32>, StoreError> {
            self.asked.lock().expect("nobody panicked").push(questions.to_vec());
            self.may.acquire().await.expect("it is open").forget();
            assert!(!questions.contains(&66), "a test's own panic");
            if questions.contains(&99) {
                return Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut));
            }
            if questions.contains(&13) {
                return Err(StoreError::Broken { table: "numbers", column: "number", reason: "unlucky".to_owned() });
            }
            Ok(questions.iter().map(|number| number * 2).collect())
        }
    }

    /// One that waits for statements as long as they take.
    fn gatherer() -> (Arc<Double>, Gatherer<Arc<Double>>) {
        with_patience(Duration::MAX)
    }

    fn with_patience(patience: Duration) -> (Arc<Double>, Gatherer<Arc<Double>>) {
        // Nobody speaks to it.
        let location = Location::Postgres(Box::new(PgConnectOptions::new_without_pgpass()));
        let queue = MOST_TOGETHER + 6;
        let store = Store::open(&DatabaseSettings { queue, ..DatabaseSettings::new(location) }).expect("it opens");
        let double = Arc::new(Double { may: Semaphore::new(0), asked: Mutex::default() });
        (Arc::clone(&double), Gatherer::with_patience(store, double, patience))
    }

    type Answer = JoinHandle<Result<u32, StoreError>>;

    /// Asks for each number, one after another, and lets what can begin begin.
    async fn ask(gatherer: &Gatherer<Arc<Double>>, numbers: impl IntoIterator<Item = u32>) -> Vec<Answer> {
        let mut answers = Vec::new();
        for number in numbers {
            let gatherer = gatherer.clone();
            answers.push(tokio::spawn(async move { gatherer.ask(number).await }));
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
        answers
    }

    /// So many numbers that nothing is the matter with.
    fn many(count: usize) -> std::ops::Range<u32> {
        1000..1000 + u32::try_from(count).expect("a small number")
    }

    /// The answers; 0 for an error.
    async fn all(answers: Vec<Answer>) -> Vec<u32> {
        let mut all = Vec::new();
        for answer in answers {
            all.push(answer.await.expect("no panic").unwrap_or(0));
        }
        all
    }

    fn asked(double: &Double) -> Vec<Vec<u32>> {
        double.asked.lock().expect("nobody panicked").clone()
    }

    #[tokio::test]
    async fn what_comes_while_a_statement_is_under_way_is_asked_together() {
        let (double, gatherer) = gatherer();
        let answers = ask(&gatherer, [1, 2, 3, 4, 5]).await;
        assert_eq!(asked(&double), [[1]], "the first does not wait for others");
        assert_eq!(gatherer.waiting(), 4);
        double.may.add_permits(2);
        assert_eq!(all(answers).await, [2, 4, 6, 8, 10]);
        assert_eq!(asked(&double), [vec![1], vec![2, 3, 4, 5]]);
        assert_eq!(gatherer.waiting(), 0);
        double.may.add_permits(1);
        assert_eq!(all(ask(&gatherer, [6]).await).await, [12]);
    }

    #[tokio::test]
    async fn what_fills_a_statement_does_not_wait_for_another_one() {
        let (double, gatherer) = gatherer();
        let numbers = many(MOST_TOGETHER + 2);
        let answers = ask(&gatherer, numbers.clone()).await;
        let sizes = |double| asked(double).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(&double), [1, MOST_TOGETHER]);
        double.may.add_permits(3);
        assert_eq!(all(answers).await, numbers.map(|number| number * 2).collect::<Vec<_>>());
        assert_eq!(sizes(&double), [1, MOST_TOGETHER, 1]);
    }

    #[tokio::test]
    async fn nobody_waits_long_for_a_statement_that_gets_no_answer() {
        let (double, gatherer) = with_patience(Duration::from_millis(1));
        let answers = ask(&gatherer, [1, 2, 3]).await;
        // No statement has been answered yet.
        while asked(&double).concat() != [1, 2, 3] {
            tokio::task::yield_now().await;
        }
        double.may.add_permits(3);
        assert_eq!(all(answers).await, [2, 4, 6]);
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_fails_its_own_question_alone() {
        let (double, gatherer) = gatherer();
        let answers = ask(&gatherer, [1, 2, 3, 13, 4]).await;
        double.may.add_permits(10);
        assert_eq!(all(answers).await, [2, 4, 6, 0, 8]);
    }

    #[tokio::test]
    async fn all_who_wait_for_a_statement_learn_of_an_outage_and_nobody_asks_again() {
        let (double, gatherer) = gatherer();
        let answers = ask(&gatherer, [1, 2, 99, 4]).await;
        double.may.add_permits(2);
        let mut outcomes = Vec::new();
        for answer in answers {
            outcomes.push(matches!(answer.await.expect("no panic"), Err(StoreError::Unavailable(_))));
        }
        assert_eq!(outcomes, [false, true, true, true]);
        assert_eq!(asked(&double).len(), 2);
    }

    #[tokio::test]
    async fn a_question_that_was_given_up_is_not_asked() {
        let (double, gatherer) = gatherer();
        let answers = ask(&gatherer, [1, 2, 3]).await;
        answers[1].abort();
        double.may.add_permits(2);
        for (answer, number) in answers.into_iter().zip(1..).filter(|(_, number)| *number != 2) {
            assert_eq!(answer.await.expect("no panic").expect("an answer"), number * 2);
        }
        assert_eq!(asked(&double), [[1], [3]]);
    }

    #[tokio::test]
    async fn one_more_than_may_wait_is_turned_away_at_once() {
        let (double, gatherer) = gatherer();
        // Full statements are under way, and as many wait as may.
        let numbers = many(1 + (LANES - 1) * MOST_TOGETHER + MOST_TOGETHER + 6);
        let answers = ask(&gatherer, numbers.clone()).await;
        let turned_away = gatherer.ask(1).await;
        assert!(matches!(turned_away, Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut))), "{turned_away:?}");
        double.may.add_permits(10);
        assert_eq!(all(answers).await, numbers.map(|number| number * 2).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_panic_costs_nobody_more_than_an_answer() {
        let (double, gatherer) = gatherer();
        let answers = ask(&gatherer, [66, 65, 1]).await;
        double.may.add_permits(1);
        assert_eq!(all(answers).await, [0, 0, 0]);
        double.may.add_permits(2);
        assert_eq!(all(ask(&gatherer, [2, 3]).await).await, [4, 6]);
    }
}
