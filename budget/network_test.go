package budget

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestNetwork(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.7:1234", nil, "203.0.113.7/32"},
		{"[2001:db8:1:2:3::4]:1234", nil, "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.7]:1234", nil, "203.0.113.7/32"},
		{"[fe80::1%eth0]:1234", nil, "fe80::/64"},
		{"203.0.113.7:1234", []string{"198.51.100.1"}, "203.0.113.7/32"}, // no proxy of ours
		{"10.0.0.1:1234", nil, "10.0.0.1/32"},
		{"10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"[::ffff:10.0.0.1]:1234", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"10.0.0.1:1234", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1/32"}, // the first is invented
		{"10.0.0.1:1234", []string{"192.0.2.66", "198.51.100.1"}, "198.51.100.1/32"},
		{"10.0.0.1:1234", []string{"192.0.2.66,198.51.100.1 , 10.9.9.9", "fd00::5"}, "198.51.100.1/32"},
		{"[fd00::1]:1234", []string{"2001:db8:1:2:3::4"}, "2001:db8:1:2::/64"},
		{"10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3/32"}, // all are ours
		{"10.0.0.1:1234", []string{"198.51.100.1:5678"}, "198.51.100.1/32"},
		{"10.0.0.1:1234", []string{"[2001:db8::1]:5678"}, "2001:db8::/64"},
		{"10.0.0.1:1234", []string{"[2001:db8::1]"}, "2001:db8::/64"},
		{"10.0.0.1:1234", []string{"198.51.100.1, unknown"}, "10.0.0.1/32"},
		{"10.0.0.1:1234", []string{"198.51.100.1, _hidden, 10.0.0.2"}, "10.0.0.2/32"},
		{"10.0.0.1:1234", []string{""}, "10.0.0.1/32"},
		{"10.0.0.1:1234", []string{",,"}, "10.0.0.1/32"},
		{"@", []string{"198.51.100.1"}, "invalid Prefix"}, // a Unix socket
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.peer, tt.forwarded
		if got := New(1, time.Second, proxies).Network(r).String(); got != tt.want {
			t.Errorf("Network from %s for %q = %s, want %s", tt.peer, tt.forwarded, got, tt.want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "10.0.0.1:1234"
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	if got := (*Budgets)(nil).Network(r).String(); got != "10.0.0.1/32" {
		t.Errorf("Network without proxies = %s, want 10.0.0.1/32", got)
	}
}

// TestChargeAddress has one address use up its budget.
func TestChargeAddress(t *testing.T) {
	b := New(3, time.Hour, nil)
	for i, want := range []bool{true, true, true, false, false} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = []string{"[2001:db8::1]:1", "[2001:db8::2]:1"}[i%2] // one client
		if got := b.ChargeAddress(r) == nil; got != want {
			t.Errorf("request %d is allowed: %t, want %t", i, got, want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "[2001:db8:0:1::1]:1"
	if refused := b.ChargeAddress(r); refused != nil {
		t.Errorf("another address: %v", refused)
	}
}
