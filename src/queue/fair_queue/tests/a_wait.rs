use super::*;

#[test]
fn has_a_deadline_until_it_is_over() {
    let mut scene = Scene::new(ROOMY);
    scene.enter_nameless(&["runs"]);
    assert_eq!(scene.queue.next_deadline(), None, "a call that runs has none");

    let hasty = scene.offer_until(50, "hasty", Some("a")).unwrap();
    let patient = scene.offer_until(51, "patient", Some("a")).unwrap();
    assert_eq!(scene.queue.next_deadline(), Some((scene.time(50), hasty)));

    scene.queue.remove(hasty);
    assert_eq!(scene.queue.next_deadline(), Some((scene.time(51), patient)));

    scene.end("runs");
    assert_eq!(scene.queue.next_deadline(), None);
    assert_eq!(scene.drain(), ["patient"]);
}

#[test]
fn does_not_end_late_if_an_earlier_call_has_more_time() {
    let mut scene = Scene::new(ROOMY);
    scene.enter_nameless(&["runs"]);
    scene.offer_until(1_000, "patient", None).unwrap();
    let hasty = scene.offer_until(10, "hasty", None).unwrap();

    assert_eq!(scene.queue.next_deadline(), Some((scene.time(10), hasty)));
    scene.drain();
}

#[test]
fn that_has_ended_cannot_be_ended_again() {
    let mut scene = Scene::new(ROOMY);
    let id = scene.enter_nameless(&["runs", "waits"])[1];
    scene.end("runs");

    assert_eq!(scene.queue.remove(id), None);

    assert_eq!(scene.queue.running(), 1);
    assert_eq!(scene.drain(), ["waits"]);
}

#[test]
fn can_be_left_from_the_front_the_middle_and_the_end() {
    let mut scene = Scene::new(ROOMY);
    scene.enter_nameless(&["runs"]);
    let ids = scene.enter(&["a1", "a2", "a3", "a4", "a5"]);

    for (index, label) in [(2, "a3"), (0, "a1"), (4, "a5")] {
        assert_eq!(scene.queue.remove(ids[index]).as_deref(), Some(label));
    }

    assert_eq!(scene.queue.all_waiting(), [ids[1], ids[3]]);
    assert_eq!(scene.drain(), ["runs", "a2", "a4"]);
}

#[test]
fn that_is_the_last_of_its_tenant_ends_the_turns_of_the_tenant() {
    let mut scene = Scene::new(ROOMY);
    scene.enter_nameless(&["runs"]);
    let ids = scene.enter(&["a1", "b1", "c1"]);

    scene.queue.remove(ids[1]);

    assert_eq!(scene.tenants(), 2);
    assert_eq!(scene.drain(), ["runs", "a1", "c1"]);
}

#[test]
fn of_a_tenant_without_a_free_share_can_also_be_left() {
    let mut scene = Scene::new(QueueLimits { concurrency: 2, ..ROOMY });
    let only = scene.enter(&["a1", "a2"])[1];

    scene.queue.remove(only);
    scene.enter(&["b1"]);

    assert_eq!(scene.drain(), ["a1", "b1"]);
}

#[test]
fn takes_as_long_to_leave_among_a_hundred_thousand_as_among_ten() {
    let mut scene = Scene::new(QueueLimits { max_queue: 100_000, max_queue_per_tenant: 100_000, ..ROOMY });
    scene.enter(&["a1"]);
    let ids: Vec<_> = (0..100_000).map(|_| scene.offer("waits", Some("a")).unwrap()).collect();

    let began = Instant::now();
    for id in ids.iter().rev() {
        scene.queue.remove(*id);
    }

    // About 50 ms; a queue that searches for the call to remove takes many seconds.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(scene.drain(), ["a1"]);
}
