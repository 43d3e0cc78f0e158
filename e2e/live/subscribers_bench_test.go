package live

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// BenchmarkSubscribers has 1,000 subscribers of 50 users in one process. It measures the time from a write until its 20
// subscribers have the change, and the memory of the process per subscriber.
func BenchmarkSubscribers(b *testing.B) {
	const users, each = 50, 20
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		b.Run(kind, func(b *testing.B) {
			databaseURL := storetest.SQLite(b)
			if kind == "PostgreSQL" {
				databaseURL = storetest.Postgres(b)
			}
			env := harness.Env(databaseURL)
			env["RATE_LIMIT"] = "off"
			s, process := harness.StartProcess(b, env)
			clients := make([]*harness.Client, users)
			for i := range clients {
				clients[i] = s.As(fmt.Sprint("user ", i))
				clients[i].Add("the first")
			}
			before := resident(b, process.Pid)
			// One goroutine for each socket notes when a change has come.
			heard := make(chan time.Time, users*each)
			for _, u := range clients {
				since := u.SyncToken()
				for range each {
					socket := s.Socket(b, harness.TransportWS)
					socket.SignIn(u.Token)
					socket.Operate("1", harness.FollowQuery, "since", since)
					go func() {
						for {
							_, text, err := socket.Conn.Read(b.Context())
							if err != nil {
								return
							}
							if strings.Contains(string(text), `"type":"next"`) {
								heard <- time.Now()
							}
						}
					}()
				}
				u.Add("all listen now")
				for range each {
					<-heard
				}
			}
			memory := resident(b, process.Pid) - before
			var delays []time.Duration
			for i := 0; b.Loop(); i++ {
				begin := time.Now()
				clients[i%users].Add("x")
				for range each {
					delays = append(delays, (<-heard).Sub(begin))
				}
			}
			b.ReportMetric(float64(memory)/(users*each)/1024, "KiB/subscriber")
			slices.Sort(delays)
			b.ReportMetric(delays[len(delays)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(delays[len(delays)*99/100].Seconds()*1000, "p99-ms")
		})
	}
}

// resident returns the resident memory of a process in bytes.
func resident(b *testing.B, pid int) (bytes int64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		b.Skip("the memory of a process is read from /proc")
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
