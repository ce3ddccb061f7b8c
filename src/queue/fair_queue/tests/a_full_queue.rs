use super::*;

#[test]
fn has_no_room_for_one_more_call() {
    let mut scene = Scene::new(QueueLimits { max_queue: 2, ..ROOMY });
    scene.enter_nameless(&["runs", "1"]);
    scene.enter(&["a1"]);

    assert_eq!(scene.offer("refused", None), Err("queue full"));
    assert_eq!(scene.offer("refused", Some("b")), Err("queue full"));
    assert_eq!(scene.drain(), ["runs", "a1", "1"]);
}

#[test]
fn has_room_again_after_a_waiting_call_has_started_or_left() {
    let mut scene = Scene::new(QueueLimits { max_queue: 1, ..ROOMY });
    let leaver = scene.enter_nameless(&["runs", "leaver"])[1];
    assert_eq!(scene.offer("refused", None), Err("queue full"));

    assert_eq!(scene.queue.remove(leaver).as_deref(), Some("leaver"));
    scene.enter_nameless(&["waits"]);
    assert_eq!(scene.offer("refused", None), Err("queue full"));

    scene.end("runs");
    scene.enter_nameless(&["comes"]);
    assert_eq!(scene.drain(), ["waits", "comes"]);
}

#[test]
fn can_be_full_for_one_tenant_alone() {
    let mut scene = Scene::new(QueueLimits { max_queue: 10, max_queue_per_tenant: 2, ..ROOMY });
    scene.enter(&["a1", "a2", "a3"]);

    assert_eq!(scene.offer("refused", Some("a")), Err("tenant full"));
    scene.enter(&["b1"]);
    scene.enter_nameless(&["1"]);
    assert_eq!(scene.drain(), ["a1", "b1", "1", "a2", "a3"]);
}

#[test]
fn of_length_zero_lets_no_call_wait() {
    let mut scene = Scene::new(QueueLimits { max_queue: 0, ..ROOMY });
    scene.enter_nameless(&["runs"]);

    assert_eq!(scene.offer("refused", None), Err("queue full"));
    assert_eq!(scene.drain(), ["runs"]);
}

#[test]
fn remembers_no_tenant_that_it_had_no_room_for() {
    let mut scene = Scene::new(QueueLimits { max_queue: 0, ..ROOMY });
    scene.enter_nameless(&["runs"]);

    scene.offer("refused", Some("a")).unwrap_err();

    assert_eq!(scene.tenants(), 0);
    scene.drain();
}

#[test]
fn has_no_room_for_more_bytes_than_its_limit_until_some_have_left() {
    let mut scene = Scene::new(QueueLimits { max_queue_bytes: 10, ..ROOMY });
    scene.offer("a call that runs holds nothing", None).unwrap();
    let four = scene.offer("four", None).unwrap();
    scene.offer("sixsix", Some("a")).unwrap();
    assert_eq!(scene.offer("1", None), Err("queue bytes"));
    scene.queue.remove(four).unwrap();
    assert_eq!(scene.offer("fives", None), Err("queue bytes"));
    scene.offer("5678", None).unwrap();
    scene.drain();
}

#[test]
fn holds_no_more_bytes_of_a_tenant_than_its_share() {
    let mut scene = Scene::new(QueueLimits { max_queue_bytes: 100, max_queue_bytes_per_tenant: 5, ..ROOMY });
    scene.offer("runs", None).unwrap();
    scene.offer("four", Some("a")).unwrap();
    assert_eq!(scene.offer("ab", Some("a")), Err("tenant bytes"));
    scene.offer("x", Some("a")).unwrap();
    assert_eq!(scene.offer("longer than five", Some("b")), Err("tenant bytes"));
    scene.offer("longer than five", None).unwrap();
    scene.drain();
}
