use super::*;

#[test]
fn take_turns_each_with_its_own_calls_in_order() {
    let mut scene = Scene::new(ROOMY);
    scene.enter_nameless(&["runs"]);
    scene.enter(&["a1", "a2", "a3", "a4", "b1", "b2", "c1"]);

    assert_eq!(scene.drain(), ["runs", "a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
}

#[test]
fn take_turns_with_the_calls_without_a_tenant_as_one_tenant() {
    let mut scene = Scene::new(ROOMY);
    scene.enter_nameless(&["runs", "1", "2", "3"]);
    scene.enter(&["a1", "a2"]);

    assert_eq!(scene.drain(), ["runs", "a1", "1", "a2", "2", "3"]);
}

#[test]
fn that_arrive_during_a_flood_from_another_get_the_next_turn() {
    let mut scene = Scene::new(ROOMY);
    for index in 0..500 {
        scene.offer(&format!("flood {index}"), Some("flood")).unwrap();
    }
    scene.enter(&["late"]);

    assert_eq!(scene.drain().iter().position(|label| label == "late"), Some(1));
}

#[test]
fn get_no_more_slots_than_their_share_and_leave_the_rest_to_others() {
    let mut scene = Scene::new(QueueLimits { concurrency: 3, max_concurrency_per_tenant: 2, ..ROOMY });
    scene.enter(&["a1", "a2", "a3", "a4"]);
    assert_eq!(scene.running(), ["a1", "a2"]);

    scene.enter(&["b1"]);
    assert_eq!(scene.running(), ["a1", "a2", "b1"]);

    // A slot is free now, but no waiting call may have it.
    scene.end("b1");
    assert_eq!(scene.running(), ["a1", "a2"]);

    scene.end("a1");
    assert_eq!(scene.running(), ["a2", "a3"]);
    assert_eq!(scene.drain(), ["a2", "a3", "a4"]);
}

#[test]
fn without_a_name_get_every_slot() {
    let limits =
        QueueLimits { concurrency: 3, max_queue: 2, max_concurrency_per_tenant: 1, max_queue_per_tenant: 1, ..ROOMY };
    let mut scene = Scene::new(limits);
    scene.enter_nameless(&["1", "2", "3", "4", "5"]);

    assert_eq!(scene.running(), ["1", "2", "3"]);
    assert_eq!(scene.drain(), ["1", "2", "3", "4", "5"]);
}

#[test]
fn that_have_used_up_their_share_are_skipped_until_they_have_some_again() {
    let mut scene = Scene::new(QueueLimits { concurrency: 2, ..ROOMY });
    scene.enter(&["a1", "a2", "b1", "b2", "c1"]);
    assert_eq!(scene.running(), ["a1", "b1"]);

    scene.end("b1");
    assert_eq!(scene.running(), ["a1", "c1"]);
    scene.end("a1");
    assert_eq!(scene.running(), ["c1", "b2"]);
    assert_eq!(scene.drain(), ["c1", "b2", "a2"]);
}

#[test]
fn are_forgotten_with_their_last_call() {
    let mut scene = Scene::new(ROOMY);
    scene.enter(&["a1", "b1"]);
    assert_eq!(scene.tenants(), 2);

    scene.end("a1");
    assert_eq!(scene.tenants(), 1);
    scene.drain();
}

#[test]
fn a_million_of_them_with_one_call_each_leave_nothing_behind() {
    let mut scene = Scene::new(ROOMY);

    for index in 0..1_000_000 {
        scene.offer("call", Some(&format!("tenant {index}"))).unwrap();
        scene.end_at(0);
    }

    scene.assert_empty();
    assert!(scene.queue.tenants.len() <= 2);
}
