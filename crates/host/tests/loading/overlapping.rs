//! Loads of one plugin that overlap.

use std::sync::Barrier;

use hookcell_host::{LimitOverrides, LoadOptions, LoadTurn};

use crate::support::directory::Directory;
use crate::support::{call, fixture, runtime};

#[test]
fn the_load_requested_last_wins_even_if_it_ends_first() {
    let runtime = runtime(&LimitOverrides::default());
    let load = |guest: &str, turn: &LoadTurn| {
        runtime.load_plugin_bytes_in_turn("plugin", &fixture(guest), &LoadOptions::default(), turn)
    };
    let [first, second] = [(); 2].map(|()| runtime.take_load_turn("plugin"));
    let newer = load("plugin_error", &second).unwrap();
    let older = load("pass_through", &first).unwrap();
    assert_ne!(older.sha256, newer.sha256);
    assert_eq!(runtime.plugins(), [newer]);

    let [first, second] = [(); 2].map(|()| runtime.take_load_turn("plugin"));
    load("wrong_exports", &second).unwrap_err();
    let older = load("pass_through", &first).unwrap();
    assert_eq!(runtime.plugins(), [older], "a later load that was refused leaves the earlier one in place");
}

#[test]
fn an_earlier_load_does_not_bring_back_an_unloaded_plugin() {
    let directory = Directory::new("unloaded").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let runtime = runtime(&LimitOverrides::default());
    let [for_file, for_bytes] = [&path, "name"].map(|plugin| runtime.take_load_turn(plugin));
    runtime.load_plugin_bytes("name", &fixture("crash")).unwrap();
    assert!(!runtime.unload_plugin(&directory.path("./guest.wasm")), "it is not loaded yet");
    assert!(runtime.unload_plugin("name"));

    let info = runtime.load_plugin_in_turn(&path, &LoadOptions::default(), &for_file).unwrap();
    assert_eq!(info.key, path);
    runtime.load_plugin_bytes_in_turn("name", &fixture("crash"), &LoadOptions::default(), &for_bytes).unwrap();
    assert_eq!(runtime.plugins(), []);

    runtime.load_plugin(&path).unwrap();
    runtime.load_plugin_bytes("name", &fixture("crash")).unwrap();
    assert_eq!(runtime.plugins().len(), 2);
}

#[test]
fn overlapping_loads_of_a_file_combine_their_limits_and_later_ones_win() {
    let directory = Directory::new("overlap").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let fuel = |max_fuel| LoadOptions {
        sandbox: LimitOverrides { max_fuel, ..LimitOverrides::default() },
        ..LoadOptions::default()
    };
    let frugal_at_last = [fuel(Some(100_000)), fuel(Some(1)), fuel(None)];
    let wide_at_last = [fuel(Some(1)), fuel(Some(100_000)), fuel(None)];
    for order_of_ends in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for (options, ok) in [(&frugal_at_last, false), (&wide_at_last, true)] {
            let runtime = runtime(&LimitOverrides::default());
            let mut turns = [(); 3].map(|()| Some(runtime.take_load_turn(&path)));
            for index in order_of_ends {
                let turn = turns[index].take().unwrap();
                runtime.load_plugin_in_turn(&path, &options[index], &turn).unwrap();
            }
            assert_eq!(call(&runtime, &path)["ok"], ok, "{order_of_ends:?}");
        }
    }
}

#[test]
fn a_file_that_is_loaded_many_times_at_once_is_one_plugin() {
    let directory = Directory::new("many").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let runtime = runtime(&LimitOverrides::default());
    let start = Barrier::new(16);
    std::thread::scope(|scope| {
        let load = || {
            start.wait();
            runtime.load_plugin(&path).unwrap()
        };
        let loads: Vec<_> = (0..16).map(|_| scope.spawn(load)).collect();
        for load in loads {
            assert_eq!([load.join().unwrap()], runtime.plugins()[..]);
        }
    });
}
