// How an array is sorted: TimSort, which asks the comparer about the same pairs in the same order as V8 does. A comparer that
// contradicts itself, such as `(a, b) => (a > b ? -1 : 1)` for elements that are equal, then gives the same order, too.

/// Runs that are shorter than this many elements are sorted by insertion.
#define HC_SHORTEST_RUN 64
/// After so many elements in a row from one run, a merge looks for how many more come from it.
#define HC_GALLOP 7
/// Each run is longer than the two after it together, so that more do not fit in the memory.
#define HC_MOST_RUNS 64

typedef struct HCRun {
    int64_t begin, length;
} HCRun;

typedef struct HCSort {
    struct array_sort_context *comparer;
    ValueSlot *items;
    ValueSlot *copy; // of one of the runs that are merged
    int64_t gallop;
    int runs;
    HCRun pending[HC_MOST_RUNS];
} HCSort;

/// Whether `one` comes before `other`.
static inline bool hc_is_before(HCSort *sort, const ValueSlot *one, const ValueSlot *other) {
    return js_array_cmp_generic(one, other, sort->comparer) < 0;
}

static inline void hc_move_slots(ValueSlot *to, const ValueSlot *from, int64_t count) {
    memmove(to, from, (size_t)count * sizeof(ValueSlot));
}

/// Makes the run that begins here ascend. Its length.
static int64_t hc_make_run(HCSort *sort, ValueSlot *run, int64_t most) {
    if (most == 1)
        return 1;
    bool descends = hc_is_before(sort, &run[1], &run[0]);
    int64_t length = 2;
    while (length < most && hc_is_before(sort, &run[length], &run[length - 1]) == descends)
        length++;
    for (int64_t first = 0, last = length - 1; descends && first < last; first++, last--) {
        ValueSlot slot = run[first];
        run[first] = run[last];
        run[last] = slot;
    }
    return length;
}

/// Sorts a run whose first elements are sorted.
static void hc_insert(HCSort *sort, ValueSlot *run, int64_t sorted, int64_t length) {
    for (; sorted < length; sorted++) {
        ValueSlot slot = run[sorted];
        int64_t from = 0, to = sorted;
        while (from < to) {
            int64_t middle = from + (to - from) / 2;
            if (hc_is_before(sort, &slot, &run[middle]))
                to = middle;
            else
                from = middle + 1;
        }
        hc_move_slots(&run[from + 1], &run[from], sorted - from);
        run[from] = slot;
    }
}

/// Whether an element of a run stays left of the key: those that are equal to it do, if it is the key's `right` place that is
/// looked for.
static inline bool hc_stays_left(HCSort *sort, const ValueSlot *key, const ValueSlot *element, bool right) {
    return right ? !hc_is_before(sort, key, element) : hc_is_before(sort, element, key);
}

/// The place of a key in a run, left or right of the elements that are equal. The search begins at `hint` with steps that double.
static int64_t hc_find_place(HCSort *sort, const ValueSlot *key, const ValueSlot *run, int64_t length, int64_t hint, bool right) {
    int64_t near = 0, far = 1;
    bool is_behind = hc_stays_left(sort, key, &run[hint], right);
    int64_t most = is_behind ? length - hint : hint + 1;
    while (far < most && hc_stays_left(sort, key, &run[is_behind ? hint + far : hint - far], right) == is_behind) {
        near = far;
        far = far * 2 + 1;
    }
    if (far > most)
        far = most;
    int64_t from = is_behind ? hint + near : hint - far, to = is_behind ? hint + far : hint - near;
    for (from++; from < to;) {
        int64_t middle = from + (to - from) / 2;
        if (hc_stays_left(sort, key, &run[middle], right))
            from = middle + 1;
        else
            to = middle;
    }
    return to;
}

/// Merges two runs beside each other, the first of which is not the longer one, from the left.
static void hc_merge_left(HCSort *sort, ValueSlot *to, int64_t firsts, int64_t seconds) {
    ValueSlot *first = sort->copy, *second = to + firsts;
    hc_move_slots(first, to, firsts);
    *to++ = *second++;
    if (--seconds == 0)
        goto rest_of_first;
    if (firsts == 1)
        goto rest_of_second;
    for (;;) {
        int64_t first_wins = 0, second_wins = 0;
        do {
            if (hc_is_before(sort, second, first)) {
                *to++ = *second++;
                second_wins++;
                first_wins = 0;
                if (--seconds == 0)
                    goto rest_of_first;
            } else {
                *to++ = *first++;
                first_wins++;
                second_wins = 0;
                if (--firsts == 1)
                    goto rest_of_second;
            }
        } while (first_wins < sort->gallop && second_wins < sort->gallop);
        sort->gallop++;
        do {
            sort->gallop = sort->gallop > 2 ? sort->gallop - 1 : 1;
            first_wins = hc_find_place(sort, second, first, firsts, 0, true);
            hc_move_slots(to, first, first_wins);
            to += first_wins;
            first += first_wins;
            firsts -= first_wins;
            if (first_wins > 0 && firsts == 1)
                goto rest_of_second;
            if (firsts == 0)
                goto rest_of_first;
            *to++ = *second++;
            if (--seconds == 0)
                goto rest_of_first;
            second_wins = hc_find_place(sort, first, second, seconds, 0, false);
            hc_move_slots(to, second, second_wins);
            to += second_wins;
            second += second_wins;
            seconds -= second_wins;
            if (seconds == 0)
                goto rest_of_first;
            *to++ = *first++;
            if (--firsts == 1)
                goto rest_of_second;
        } while (first_wins >= HC_GALLOP || second_wins >= HC_GALLOP);
        sort->gallop++;
    }
rest_of_first:
    hc_move_slots(to, first, firsts);
    return;
rest_of_second:
    // The last element of the first run is behind all of the second.
    hc_move_slots(to, second, seconds);
    to[seconds] = *first;
}

/// The same from the right, if the second run is the shorter one. Each of these is behind what is left of it.
static void hc_merge_right(HCSort *sort, ValueSlot *begin, int64_t firsts, int64_t seconds) {
    ValueSlot *first = begin + firsts, *copy = sort->copy, *second = copy + seconds, *to = first + seconds;
    hc_move_slots(copy, first, seconds);
    *--to = *--first;
    if (--firsts == 0)
        goto rest_of_second;
    if (seconds == 1)
        goto rest_of_first;
    for (;;) {
        int64_t first_wins = 0, second_wins = 0;
        do {
            if (hc_is_before(sort, second - 1, first - 1)) {
                *--to = *--first;
                first_wins++;
                second_wins = 0;
                if (--firsts == 0)
                    goto rest_of_second;
            } else {
                *--to = *--second;
                second_wins++;
                first_wins = 0;
                if (--seconds == 1)
                    goto rest_of_first;
            }
        } while (first_wins < sort->gallop && second_wins < sort->gallop);
        sort->gallop++;
        do {
            sort->gallop = sort->gallop > 2 ? sort->gallop - 1 : 1;
            first_wins = firsts - hc_find_place(sort, second - 1, begin, firsts, firsts - 1, true);
            to -= first_wins;
            first -= first_wins;
            firsts -= first_wins;
            hc_move_slots(to, first, first_wins);
            if (firsts == 0)
                goto rest_of_second;
            *--to = *--second;
            if (--seconds == 1)
                goto rest_of_first;
            second_wins = seconds - hc_find_place(sort, first - 1, copy, seconds, seconds - 1, false);
            to -= second_wins;
            second -= second_wins;
            seconds -= second_wins;
            hc_move_slots(to, second, second_wins);
            if (second_wins > 0 && seconds == 1)
                goto rest_of_first;
            if (seconds == 0)
                goto rest_of_second;
            *--to = *--first;
            if (--firsts == 0)
                goto rest_of_second;
        } while (first_wins >= HC_GALLOP || second_wins >= HC_GALLOP);
        sort->gallop++;
    }
rest_of_second:
    hc_move_slots(to - seconds, copy, seconds);
    return;
rest_of_first:
    // The first element of the second run is before all of the first.
    hc_move_slots(to - firsts, first - firsts, firsts);
    to[-firsts - 1] = *(second - 1);
}

/// Merges a pending run with the one after it.
static void hc_merge(HCSort *sort, int index) {
    HCRun *runs = sort->pending;
    ValueSlot *first = sort->items + runs[index].begin, *second = sort->items + runs[index + 1].begin;
    int64_t firsts = runs[index].length, seconds = runs[index + 1].length;
    runs[index].length = firsts + seconds;
    if (index == sort->runs - 3)
        runs[index + 1] = runs[index + 2];
    sort->runs--;
    int64_t in_place = hc_find_place(sort, second, first, firsts, 0, true);
    firsts -= in_place;
    if (firsts == 0)
        return;
    first += in_place;
    seconds = hc_find_place(sort, &first[firsts - 1], second, seconds, seconds - 1, false);
    if (seconds == 0)
        return;
    if (firsts <= seconds)
        hc_merge_left(sort, first, firsts, seconds);
    else
        hc_merge_right(sort, first, firsts, seconds);
}

/// Whether the run before this one and its neighbor is longer than both together.
static inline bool hc_is_balanced(const HCSort *sort, int last) {
    const HCRun *runs = sort->pending;
    return last < 2 || runs[last - 2].length > runs[last - 1].length + runs[last].length;
}

/// Merges pending runs until each is longer than the two after it together, or until there is one.
static void hc_merge_pending(HCSort *sort, bool all) {
    const HCRun *runs = sort->pending;
    while (sort->runs > 1) {
        int index = sort->runs - 2;
        bool is_balanced = hc_is_balanced(sort, index + 1) && hc_is_balanced(sort, index);
        if (!all && is_balanced && runs[index].length > runs[index + 1].length)
            return;
        if ((all || !is_balanced) && index > 0 && runs[index - 1].length < runs[index + 1].length)
            index--;
        hc_merge(sort, index);
    }
}

/// Sorts the slots. If the comparer throws, they stay in any order.
static void hc_sort(JSContext *ctx, ValueSlot *items, size_t count, struct array_sort_context *comparer) {
    if (count < 2)
        return;
    // Not on C's stack, because a comparer can sort, too.
    HCSort *sort = js_malloc(ctx, sizeof(HCSort));
    sort->comparer = comparer;
    sort->items = items;
    sort->copy = js_malloc(ctx, count / 2 * sizeof(ValueSlot));
    sort->gallop = HC_GALLOP;
    sort->runs = 0;
    size_t shortest = count, odd = 0;
    for (; shortest >= HC_SHORTEST_RUN; shortest /= 2)
        odd |= shortest & 1;
    shortest += odd;
    for (size_t begin = 0; begin < count && !comparer->exception;) {
        size_t left = count - begin, least = left < shortest ? left : shortest;
        int64_t length = hc_make_run(sort, items + begin, (int64_t)left);
        if (length < (int64_t)least) {
            hc_insert(sort, items + begin, length, (int64_t)least);
            length = (int64_t)least;
        }
        sort->pending[sort->runs++] = (HCRun){ (int64_t)begin, length };
        hc_merge_pending(sort, false);
        begin += (size_t)length;
    }
    hc_merge_pending(sort, true);
    js_free(ctx, sort->copy);
    js_free(ctx, sort);
}
