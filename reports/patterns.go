// Package patterns holds what the report shows beside a Python line that waits: the lines between a pattern's name
// and its end. A name is a kind of I/O; rules have patterns on their own pages.
// They are patterns, never translations of a line. A test checks this file with gofmt and go vet where there is a Go toolchain.
package patterns

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
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
