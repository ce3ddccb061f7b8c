//! Starts compiler processes, keeps a spare one ready, and kills each at its deadline or when its load is cancelled.
//!
//! One thread does all of this, because on Linux a process is killed when the thread that started it ends. The thread sleeps
//! while there is nothing to do, and ends with the engine.

use std::io;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::sandbox::watchdog::StopSignal;

/// How long a spare process waits for a module before it is killed.
const SPARE_FOR: Duration = Duration::from_mins(1);

/// The time from taking a spare to starting the next one. Starting it at once would slow the load that took the spare, and that
/// load may take long to end.
const RENEW_AFTER: Duration = Duration::from_millis(100);

/// How long a process may take to end after it has closed its output.
const END_WITHIN: Duration = Duration::from_secs(1);

/// The program and arguments of a process. A spare serves only loads of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) program: String,
    /// All arguments except the last, which is this process's identifier.
    pub(crate) arguments: Vec<String>,
}

impl Kind {
    /// Starts the process. It inherits nothing from the server: no environment, no working directory, no signals of the
    /// terminal.
    fn spawn(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .arg(std::process::id().to_string())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(root) = Path::new(&self.program).ancestors().last().filter(|root| root.is_absolute()) {
            command.current_dir(root);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        #[cfg(windows)]
        if let Some(root) = std::env::var_os("SystemRoot") {
            // Without it, a Windows process has no random numbers.
            command.env("SystemRoot", root);
        }
        command.spawn()
    }
}

/// A child process that is killed and reaped when this is dropped.
#[derive(Debug)]
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // If it has ended, there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that compiles one module. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    /// `Some` until this is dropped.
    child: Option<Arc<Mutex<Killed>>>,
    number: u64,
    orders: Sender<Order>,
    /// Was it a spare?
    pub(crate) was_warm: bool,
    pub(crate) input: Option<ChildStdin>,
    pub(crate) output: Option<ChildStdout>,
    pub(crate) errors: Option<ChildStderr>,
}

impl Process {
    /// Waits for the end of a process that has closed its output, and kills it if that takes too long.
    pub(crate) fn end(&self) -> io::Result<ExitStatus> {
        const PAUSE: Duration = Duration::from_millis(1);
        let started = Instant::now();
        let child = self.child.as_ref().ok_or_else(|| io::Error::other("the process has ended"))?;
        loop {
            let mut child = lock(child);
            if let Some(status) = child.0.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() >= END_WITHIN {
                child.0.kill()?;
                return child.0.wait();
            }
            drop(child);
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            // Waiting for its end takes milliseconds, so the supervisor's thread does it.
            let _ = self.orders.send(Order::Ended(self.number, child));
        }
    }
}

#[derive(Debug)]
enum Order {
    Start {
        kind: Kind,
        signal: StopSignal,
        reply: Sender<io::Result<Process>>,
    },
    Ended(u64, Arc<Mutex<Killed>>),
    /// A load was cancelled.
    Check,
    /// The engine was dropped.
    Stop,
}

/// Owns the thread, which is started with the first process.
#[derive(Debug, Default)]
pub(crate) struct ProcessSupervisor {
    orders: Mutex<Option<Sender<Order>>>,
}

impl ProcessSupervisor {
    /// A process of this kind: the spare if there is one. It is killed when the signal is due.
    pub(crate) fn start(&self, kind: Kind, signal: StopSignal) -> io::Result<Process> {
        let (reply, started) = mpsc::channel();
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.thread()?.send(Order::Start { kind, signal, reply }).map_err(|_| gone())?;
        started.recv().map_err(|_| gone())?
    }

    /// Ends the processes whose loads were cancelled.
    pub(crate) fn check(&self) {
        if let Some(orders) = &*lock(&self.orders) {
            let _ = orders.send(Order::Check);
        }
    }

    fn thread(&self) -> io::Result<Sender<Order>> {
        let mut held = lock(&self.orders);
        if let Some(orders) = &*held {
            return Ok(orders.clone());
        }
        let (orders, received) = mpsc::channel();
        let state =
            Supervision { orders: orders.clone(), spare: None, renew: None, running: Vec::new(), last_number: 0 };
        thread::Builder::new().name("hookcell-isolate".to_owned()).spawn(move || state.run(&received))?;
        *held = Some(orders.clone());
        Ok(orders)
    }
}

impl Drop for ProcessSupervisor {
    fn drop(&mut self) {
        if let Some(orders) = lock(&self.orders).take() {
            let _ = orders.send(Order::Stop);
        }
    }
}

/// The state of the thread.
struct Supervision {
    orders: Sender<Order>,
    spare: Option<Spare>,
    renew: Option<Renewal>,
    running: Vec<Running>,
    last_number: u64,
}

struct Spare {
    kind: Kind,
    child: Killed,
    until: Instant,
}

/// A spare to be started.
struct Renewal {
    kind: Kind,
    at: Instant,
}

struct Running {
    number: u64,
    child: Arc<Mutex<Killed>>,
    signal: StopSignal,
}

impl Supervision {
    fn run(mut self, received: &Receiver<Order>) {
        loop {
            let order = match self.alarm() {
                Some(at) => received.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => received.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Start { kind, signal, reply }) => {
                    // If the load has ended, the process is dropped, which kills it.
                    let _ = reply.send(self.start(kind, signal));
                }
                Ok(Order::Ended(number, child)) => self.ended(number, child),
                Ok(Order::Check) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
            self.end_those_due();
            self.keep_spare();
        }
    }

    /// When there is something to do next.
    fn alarm(&self) -> Option<Instant> {
        let deadlines = self.running.iter().map(|running| running.signal.deadline);
        let spare = self.spare.iter().map(|spare| spare.until);
        deadlines.chain(spare).chain(self.renew.iter().map(|renewal| renewal.at)).min()
    }

    fn start(&mut self, kind: Kind, signal: StopSignal) -> io::Result<Process> {
        let spare = self.spare.take().filter(|spare| spare.kind == kind).map(|spare| spare.child);
        // It may have ended while it waited.
        let spare = spare.and_then(|mut child| matches!(child.0.try_wait(), Ok(None)).then_some(child));
        let was_warm = spare.is_some();
        let mut child = match spare {
            Some(child) => child,
            None => Killed(kind.spawn()?),
        };
        self.last_number = self.last_number.wrapping_add(1);
        let number = self.last_number;
        let (input, output, errors) = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
        let child = Arc::new(Mutex::new(child));
        self.running.push(Running { number, child: Arc::clone(&child), signal });
        self.renew = Some(Renewal { kind, at: Instant::now().checked_add(RENEW_AFTER).unwrap_or_else(Instant::now) });
        Ok(Process { child: Some(child), number, orders: self.orders.clone(), was_warm, input, output, errors })
    }

    fn ended(&mut self, number: u64, child: Arc<Mutex<Killed>>) {
        self.running.retain(|running| running.number != number);
        drop(child);
        if let Some(renewal) = &mut self.renew {
            renewal.at = Instant::now();
        }
    }

    fn end_those_due(&mut self) {
        for running in self.running.extract_if(.., |running| running.signal.is_due()) {
            // The load finds the end of its output, and asks its signal why.
            let _ = lock(&running.child).0.kill();
        }
    }

    fn keep_spare(&mut self) {
        let now = Instant::now();
        self.spare.take_if(|spare| spare.until <= now);
        if let Some(Renewal { kind, .. }) = self.renew.take_if(|renewal| renewal.at <= now)
            && self.spare.is_none()
        {
            match kind.spawn() {
                Ok(child) => {
                    let until = now.checked_add(SPARE_FOR).unwrap_or(now);
                    self.spare = Some(Spare { kind, child: Killed(child), until });
                }
                // The next load starts its own process and gets the error.
                Err(error) => tracing::debug!(%error, "no spare compiler process"),
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
