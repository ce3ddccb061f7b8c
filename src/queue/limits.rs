//! How many calls run and wait, and which limit refuses one more.

/// The size of a queue, and how much of it one tenant may take. Calls without a tenant may take all of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueLimits {
    /// Calls that run at once, at least 1.
    pub(crate) concurrency: usize,
    /// Calls that wait.
    pub(crate) max_queue: usize,
    /// The part of `concurrency` that one tenant may take, at least 1.
    pub(crate) max_concurrency_per_tenant: usize,
    /// The part of `max_queue` that one tenant may take.
    pub(crate) max_queue_per_tenant: usize,
    /// Bytes that the waiting calls hold.
    pub(crate) max_queue_bytes: usize,
    /// The part of `max_queue_bytes` that one tenant may take.
    pub(crate) max_queue_bytes_per_tenant: usize,
}

/// The limit that leaves no room for one more call to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// `max_queue`.
    Queue,
    /// `max_queue_per_tenant`.
    Tenant,
    /// `max_queue_bytes`; the waiting calls hold this many bytes.
    QueueBytes(usize),
    /// `max_queue_bytes_per_tenant`; the tenant's waiting calls hold this many bytes.
    TenantBytes(usize),
}
