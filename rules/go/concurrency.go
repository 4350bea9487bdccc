// Patterns for concurrency constructs and for calls that wait. Parts of functions that compile; nothing calls them.

package patterns

import (
	"context"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

type job struct{ id int }

func work(ctx context.Context) error              { return ctx.Err() }
func store(ctx context.Context, item job) error   { return ctx.Err() }
func handle(ctx context.Context, item job)        {}
func serve(ctx context.Context, conn net.Conn)    {}
func drain(ctx context.Context, c chan job) error { return ctx.Err() }
func produce(ctx context.Context, jobs chan job)  { close(jobs) }
func compute(rows []job) int                      { return len(rows) }
func load()                                       {}

func task(ctx context.Context) error {
	// pattern: task
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	// ... what does not need its result
	return <-done
	// end
}

func fanOut(ctx context.Context, items []job) error {
	// pattern: fan-out
	group, ctx := errgroup.WithContext(ctx) // the first error cancels the rest
	for _, item := range items {
		group.Go(func() error { return store(ctx, item) })
	}
	return group.Wait()
	// end
}

func boundedFanOut(ctx context.Context, items []job, group *errgroup.Group) error {
	// pattern: bounded-fan-out
	group.SetLimit(16) // group, ctx := errgroup.WithContext(ctx)
	for _, item := range items {
		group.Go(func() error { return store(ctx, item) })
	}
	return group.Wait()
	// end
}

func thread(ctx context.Context) {
	// pattern: thread
	var running sync.WaitGroup
	running.Add(1)
	go func() { defer running.Done(); load() }()
	running.Wait()
	// end
}

func process(parts [][]job, sums []int, group *errgroup.Group) error {
	// pattern: process
	group.SetLimit(runtime.NumCPU()) // one heap for all: nothing is pickled
	for i, part := range parts {
		group.Go(func() error { sums[i] = compute(part); return nil })
	}
	return group.Wait()
	// end
}

func pool(ctx context.Context, jobs chan job, width int, group *errgroup.Group) error {
	// pattern: pool
	for n := 0; n < width; n++ {
		group.Go(func() error { return drain(ctx, jobs) }) // for job := range jobs
	}
	return group.Wait()
	// end
}

func lock(ctx context.Context, mu *sync.Mutex, state map[string]job, key string) error {
	// pattern: lock
	mu.Lock()
	item := state[key]
	mu.Unlock() // before the call that waits
	return store(ctx, item)
	// end
}

func sharedState(mu *sync.Mutex, hits map[string]int, key string) {
	// pattern: shared-state
	mu.Lock() // goroutines run on all cores at once: no interpreter lock makes this line whole
	defer mu.Unlock()
	hits[key]++
	// end
}

func queue(ctx context.Context) {
	// pattern: queue
	jobs := make(chan job, 100) // full: the producer waits
	go produce(ctx, jobs)       // closes jobs at its end
	for item := range jobs {
		handle(ctx, item)
	}
	// end
}

func semaphore(ctx context.Context, item job, slots chan struct{}) error {
	// pattern: semaphore
	slots <- struct{}{} // slots := make(chan struct{}, 16)
	defer func() { <-slots }()
	return store(ctx, item)
	// end
}

func event() {
	// pattern: event
	ready := make(chan struct{})
	go func() { load(); close(ready) }()
	<-ready // any number of goroutines may wait, each of them alone
	// end
}

func timeout(ctx context.Context) error {
	// pattern: timeout
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return work(ctx)
	// end
}

func greenlet(ctx context.Context, listener net.Listener) error {
	// pattern: greenlet
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	go serve(ctx, conn) // may block: nothing has to be patched for it
	// end
	return nil
}

func blockingCall(ctx context.Context, client *http.Client, url string) (*http.Response, error) {
	// pattern: blocking-call
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(request) // only this goroutine waits
	// end
}

func fileAccess(path string) ([]byte, error) {
	// pattern: file-access
	data, err := os.ReadFile(path) // holds one thread of the runtime, which starts another
	// end
	return data, err
}

// pattern: one-client
var client = &http.Client{ // one for all goroutines
	Timeout:   10 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64},
}

// end

func plainCall(ctx context.Context) error {
	// pattern: plain-call
	err := work(ctx) // one kind of function: no loop to start, none to block
	// end
	return err
}

func otherCore(rows []job) int {
	// pattern: other-core
	answer := make(chan int, 1)
	go func() { answer <- compute(rows) }() // compiled, and on a core of its own
	return <-answer
	// end
}
