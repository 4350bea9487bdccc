// Package patterns holds what the report shows beside a Python line that waits: the lines between the names of
// a pattern and its end. A name is a kind of I/O or the id of a rule.
// They are patterns, never translations of a line. A test checks this file with gofmt and go vet where there is a Go toolchain.
package patterns

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Cache and Broker stand for the client of a cache and of a broker; every maintained one takes a context.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, error)
}

type Broker interface {
	Publish(ctx context.Context, subject string, body []byte) error
}

func network(ctx context.Context, client *http.Client, request *http.Request) ([]byte, error) {
	// pattern: network
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	// parks this goroutine, holds no thread
	response, err := client.Do(request.WithContext(ctx))
	// end
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

const byID = "SELECT name FROM items WHERE id = $1"

func database(ctx context.Context, db *sql.DB, id int64) (name string, err error) {
	// pattern: database
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	row := db.QueryRowContext(ctx, byID, id) // "SELECT name … $1"
	err = row.Scan(&name)
	// end
	return name, err
}

func cache(ctx context.Context, cache Cache, key string) ([]byte, error) {
	// pattern: cache
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	value, err := cache.Get(ctx, key)
	// end
	return value, err
}

func broker(ctx context.Context, broker Broker, body []byte) error {
	// pattern: broker
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := broker.Publish(ctx, "orders.created", body)
	// end
	return err
}

func filesystem(path string) ([]byte, error) {
	// pattern: filesystem
	// holds a thread while it reads; the others go on
	body, err := os.ReadFile(path)
	// end
	return body, err
}

func subprocess(ctx context.Context) ([]byte, error) {
	// pattern: subprocess
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "tool", "--flag").Output()
	// end
	return out, err
}

func dns(ctx context.Context, host string) ([]string, error) {
	// pattern: dns
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	// end
	return addresses, err
}

func sleep(ctx context.Context, pause time.Duration) error {
	// pattern: sleep
	select {
	case <-time.After(pause):
	case <-ctx.Done():
		return ctx.Err()
	}
	// end
	return nil
}

func fanOut(ctx context.Context, items []string, call func(context.Context, string) error) {
	limit := make(chan struct{}, 16)
	var wait sync.WaitGroup
	wait.Add(len(items))
	// pattern: fan-out
	for _, item := range items {
		limit <- struct{}{} // a channel of capacity 16
		go func(item string) {
			defer func() { <-limit; wait.Done() }()
			_ = call(ctx, item)
		}(item)
	}
	wait.Wait()
	// end
}

type Handler func(ctx context.Context, body []byte) error

// pattern: PT401 PT402 PT403 PT406 PT410
var handlers = map[string]Handler{
	"resize": resize, // one line for each, instead of a name
}

func dispatch(ctx context.Context, name string, body []byte) error {
	handler, ok := handlers[name]
	if !ok {
		return fmt.Errorf("no handler %q", name)
	}
	return handler(ctx, body)
}

// end

func resize(_ context.Context, _ []byte) error { return nil }

// pattern: PT404
type Sender struct {
	Now  func() time.Time                // set where it is made;
	Send func(ctx context.Context) error // a test sets its own
}

// end

// pattern: PT405
type Traced struct{ Inner Cache } // the methods that are used, by name

func (t Traced) Get(ctx context.Context, key string) ([]byte, error) {
	defer observe(time.Now())
	return t.Inner.Get(ctx, key)
}

// end

func observe(_ time.Time) {}

// pattern: DA501 PT408
type Order struct { // what was pickled, field by field
	ID    int64  `json:"id"`
	State string `json:"state"`
}

func encode(order Order) ([]byte, error) { return json.Marshal(order) }

// end

func caller() string {
	// pattern: PT409
	_, file, line, _ := runtime.Caller(1)
	at := fmt.Sprintf("%s:%d", file, line)
	// end
	return at
}

func locked(ctx context.Context, mu *sync.Mutex, state map[string][]byte, cache Cache, key string) error {
	// pattern: CC202 CC207
	value, err := cache.Get(ctx, key) // no lock while it waits
	if err != nil {
		return err
	}
	mu.Lock()
	state[key] = value
	mu.Unlock()
	// end
	return nil
}

func workers(jobs <-chan []byte, work func([]byte)) {
	var wait sync.WaitGroup
	// pattern: CC204 CC209 CPU601
	for i := 0; i < runtime.NumCPU(); i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for job := range jobs { // one heap: nothing is copied
				work(job)
			}
		}()
	}
	wait.Wait()
	// end
}

func awaited(ctx context.Context, task func(context.Context) error) error {
	// pattern: CC206 CC208
	done := make(chan error, 1)
	go func() { done <- task(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
	// end
}

// pattern: CP301 CP302
type Prices interface { // declared where it is used,
	Of(ctx context.Context, sku string) (int64, error)
} // so that neither package imports the other

// end
