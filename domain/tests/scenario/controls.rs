//! For each expectation a story after which it holds, and one of the same form that does not hold: a check that cannot fail
//! checks nothing.

/// What all of these stories begin with.
pub const SETTINGS: &str = "queues Service, Backup\nqueue Desk: unserved: refuse, wrap-up at logout: requeue, answered with an agent\nagents Anna, Ben\n";

/// A story, what holds after it, and what does not; before that more may happen.
pub const CONTROLS: &[(&str, &str, &str)] = &[
    ("chat 1 arrives", "chat 1 waits in Service", "chat 1 waits in Backup"),
    ("Anna picks chat 1; chat 2 arrives", "chat 2 waits in Service", "chat 1 waits in Service"),
    ("chat 1 arrives; 5 s pass", "chat 1 has waited 5 s", "chat 1 has waited 4 s"),
    ("Anna picks chat 1; Anna picks chat 2", "chat 2 is inactive with Anna", "chat 1 is inactive with Anna"),
    ("Anna picks chat 1; Anna picks chat 2", "chat 1 is active with Anna", "chat 2 is active with Anna"),
    ("Anna picks chat 1", "chat 1 is active with Anna", "chat 1 is active with Ben"),
    ("Anna picks chat 1; Anna parks chat 1; Anna picks chat 2", "chat 1 is parked by Anna", "chat 2 is parked by Anna"),
    (
        "Ben logs out; Anna picks chat 1; call 1 arrives; Anna answers; call 2 arrives",
        "chat 1 is preempted by call 1",
        "chat 1 is preempted by call 2",
    ),
    (
        "Ben logs out; Anna picks chat 1; Anna picks chat 2; call 1 arrives; Anna answers",
        "chat 1 is preempted by call 1",
        "chat 2 is preempted by call 1",
    ),
    ("chat 1 arrives; chat 2 arrives; visitor 1 leaves", "chat 1 is closed", "chat 2 is closed"),
    ("chat 1 arrives; visitor 1 leaves", "chat 1 was ended by the visitor", "chat 1 was ended by the agent"),
    (
        "chat 1 arrives; chat 2 arrives; visitor 1 leaves",
        "chat 1 was ended by the visitor",
        "chat 2 was ended by the visitor",
    ),
    (
        "Anna logs out; Ben logs out; chat 2 arrives; chat 1 arrives in Desk",
        "chat 1 is turned away",
        "chat 2 is turned away",
    ),
    (
        "Anna picks chat 1; 5 s pass; Anna parks chat 1; 5 s pass",
        "handling of chat 1 is 5 s",
        "handling of chat 1 is 10 s",
    ),
    (
        "Anna picks chat 1; Anna ends chat 1",
        "wrap-up of chat 1 is active with Anna",
        "wrap-up of chat 1 is active with Ben",
    ),
    (
        "Anna picks chat 1; Anna ends chat 1; Anna picks chat 2",
        "wrap-up of chat 1 is active with Anna",
        "wrap-up of chat 2 is active with Anna",
    ),
    (
        "Anna picks chat 1; Anna ends chat 1; Anna parks the wrap-up of chat 1; Anna picks chat 2; Anna ends chat 2",
        "wrap-up of chat 1 is parked by Anna",
        "wrap-up of chat 2 is parked by Anna",
    ),
    (
        "chat 1 arrives in Desk; Anna picks chat 1; Anna ends chat 1; Anna logs out",
        "wrap-up of chat 1 waits in Desk",
        "wrap-up of chat 1 waits in Service",
    ),
    (
        "Anna picks chat 1; Anna ends chat 1; Ben picks chat 2; Ben ends chat 2; Ben finishes the wrap-up of chat 2",
        "wrap-up of chat 2 is over",
        "wrap-up of chat 1 is over",
    ),
    (
        "Anna picks chat 1; Anna ends chat 1; 7 s pass",
        "wrap-up of chat 1 has taken 7 s",
        "wrap-up of chat 1 has taken 6 s",
    ),
    ("chat 1 arrives; visitor 1 writes", "chat 1 has 1 messages", "chat 1 has 0 messages"),
    (
        "Anna picks chat 1; visitor 1 writes; Anna reads chat 1; visitor 1 writes",
        "chat 1 has 1 unread",
        "chat 1 has 2 unread",
    ),
    (
        "Ben logs out; Anna picks chat 1; call 1 arrives; Anna answers",
        "chat 1 was preempted 1 times",
        "chat 1 was preempted 0 times",
    ),
    ("chat 1 arrives; chat 2 arrives; visitor 1's browser goes away", "visitor 2 is online", "visitor 1 is online"),
    ("chat 1 arrives; chat 2 arrives; visitor 1's browser goes away", "visitor 1 is offline", "visitor 2 is offline"),
    (
        "Anna picks chat 1; Anna writes in chat 1; chat 2 arrives; 480 s pass",
        "visitor 1 is asked whether they are there",
        "visitor 2 is asked whether they are there",
    ),
    (
        "Ben logs out; Anna picks chat 1; call 1 arrives; Anna answers; chat 2 arrives; 180 s pass",
        "visitor 1 is asked how to go on",
        "visitor 2 is asked how to go on",
    ),
    (
        "Anna picks chat 1; Anna writes in chat 1; chat 2 arrives; 480 s pass",
        "visitor 2 is asked nothing",
        "visitor 1 is asked nothing",
    ),
    ("Anna picks chat 1; Anna picks chat 2; 60 s pass", "Anna is reminded of chat 2", "Anna is reminded of chat 1"),
    ("Ben picks chat 1; Ben picks chat 2; 60 s pass", "Ben is reminded of chat 2", "Anna is reminded of chat 2"),
    (
        "Ben logs out; Anna picks chat 1; call 1 arrives; Anna answers; chat 2 arrives; 300 s pass",
        "the supervisor is alerted to chat 1",
        "the supervisor is alerted to chat 2",
    ),
    ("Anna picks chat 1; Anna picks chat 2; 60 s pass", "nobody is alerted to chat 1", "nobody is alerted to chat 2"),
    ("call 1 arrives", "Anna's phone rings", "Ben's phone rings"),
    ("call 1 arrives; call 2 arrives", "Ben's phone rings for call 2", "Anna's phone rings for call 2"),
    ("call 1 arrives", "Ben's phone is silent", "Anna's phone is silent"),
    ("call 1 arrives; caller 1 hangs up", "no phone rings", "call 2 arrives; no phone rings"),
    ("call 1 arrives; Anna answers", "Anna is on call 1", "Ben is on call 1"),
    ("call 1 arrives; Anna answers; Ben dials call 9", "Ben is on call 9", "Anna is on call 9"),
    (
        "call 1 arrives; call 2 arrives; Anna answers; Ben answers; Anna holds call 1",
        "call 1 is on hold with Anna",
        "call 2 is on hold with Ben",
    ),
    ("call 1 arrives in Desk; call 2 arrives", "caller 1 hears ringing", "caller 2 hears ringing"),
    ("call 1 arrives; call 2 arrives; Anna answers", "caller 2 hears music", "caller 1 hears music"),
    ("call 1 arrives; call 2 arrives; Anna answers", "caller 1 hears Anna", "caller 2 hears Anna"),
    (
        "call 1 arrives; call 2 arrives; caller 1 hangs up",
        "the legs of call 1 are taken down",
        "the legs of call 2 are taken down",
    ),
    (
        "call 1 arrives; caller 1 hangs up; call 2 arrives; the daemon is killed, and back after 1 s",
        "the legs of call 2 are taken down from stored facts",
        "the legs of call 1 are taken down from stored facts",
    ),
    (
        "call 1 arrives; Anna declines",
        "the offer of call 1 to Anna ended: declined",
        "the offer of call 1 to Anna ended: busy",
    ),
    (
        "call 1 arrives; Anna declines",
        "the offer of call 1 to Anna ended: declined",
        "the offer of call 1 to Ben ended: declined",
    ),
    ("Anna picks chat 1", "Ben is free", "Anna is free"),
    ("Anna takes a break", "Anna gets no call: on break", "Anna gets no call: in wrap up"),
    ("Anna takes a break", "Anna gets no call: on break", "Ben gets no call: on break"),
    ("Anna picks chat 1", "Anna gets no chat: busy", "Ben gets no chat: busy"),
    ("Anna logs out", "Ben is available", "Anna is available"),
    ("Anna picks chat 1; Anna takes a break", "Anna has asked for a break", "Ben has asked for a break"),
    ("Anna takes a break", "Anna is on a break", "Ben is on a break"),
    ("the supervisor takes Anna out", "Anna is unavailable: supervisor", "Anna is unavailable: missed"),
    ("call 1 arrives; Anna answers; Anna logs out", "Anna is logging out", "Ben is logging out"),
    ("Anna logs out", "Anna is logged out", "Ben is logged out"),
    ("Anna picks chat 1", "Ben attends to nothing", "Anna attends to nothing"),
    ("Anna picks chat 1; Anna parks chat 1", "Ben's inbox is empty", "Anna's inbox is empty"),
    ("Ben logs out; Anna picks chat 1; call 1 arrives; 20 s pass", "Ben's calls are open", "Anna's calls are open"),
    (
        "Ben logs out; Anna picks chat 1; call 1 arrives; 20 s pass",
        "Anna's calls are blocked",
        "Ben's calls are blocked",
    ),
    ("call 1 arrives; Anna's phone is busy", "Anna's calls are blocked for 15 s", "Anna's calls are blocked for 14 s"),
    ("call 1 arrives; Anna's phone is unreachable", "Anna's phone is lost", "Ben's phone is lost"),
    (
        "Anna picks chat 1; Anna transfers chat 1 to Ben; 60 s pass; Anna picks chat 1; Anna transfers chat 1 to Ben; 60 s pass",
        "Anna's chats are open",
        "Ben's chats are open",
    ),
    (
        "Anna picks chat 1; Anna transfers chat 1 to Ben; 60 s pass; Anna picks chat 1; Anna transfers chat 1 to Ben; 60 s pass",
        "Ben's chats are blocked",
        "Anna's chats are blocked",
    ),
    ("chat 1 arrives", "Backup is empty", "Service is empty"),
    (
        "call 1 arrives; Anna answers; chat 1 arrives; Anna picks chat 1",
        "refused: a call is going on",
        "refused: the chat is over",
    ),
    (
        "chat 1 arrives; Anna picks chat 1; meanwhile Ben picks chat 1",
        "Ben is told: the item is no longer in the queue",
        "Anna is told: the item is no longer in the queue",
    ),
];
