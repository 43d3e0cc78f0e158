package budget

import (
	"net/http"
	"net/netip"
	"strings"
)

// Network returns the network of a client: its IPv4 address, or the /64 of its IPv6 address, of which one client may have every
// address. If the request comes from a trusted proxy, the client is the last address in X-Forwarded-For that is no trusted proxy: everything
// before it may be invented. The result is the zero Prefix for an address that is no IP address.
func (b *Budgets) Network(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	client := plain(peer.Addr())
	if forwarded := r.Header["X-Forwarded-For"]; len(forwarded) > 0 && b.trusts(client) {
		client = b.forwarded(forwarded, client)
	}
	bits := client.BitLen()
	if client.Is6() {
		bits = 64
	}
	network, _ := client.Prefix(bits) // the number of bits fits the address
	return network
}

// forwarded returns the client in X-Forwarded-For headers. If a proxy has sent something that is no address, the client is that proxy.
func (b *Budgets) forwarded(headers []string, proxy netip.Addr) netip.Addr {
	for i := len(headers) - 1; i >= 0; i-- {
		for rest, more := headers[i], true; more; {
			var hop string
			comma := strings.LastIndexByte(rest, ',')
			hop, more = rest[comma+1:], comma >= 0
			rest = rest[:max(comma, 0)]
			address, ok := parse(strings.TrimSpace(hop))
			if !ok {
				return proxy
			}
			if proxy = address; !b.trusts(proxy) {
				return proxy
			}
		}
	}
	return proxy
}

func (b *Budgets) trusts(address netip.Addr) bool {
	if b == nil {
		return false
	}
	for _, proxy := range b.proxies {
		if proxy.Contains(address) {
			return true
		}
	}
	return false
}

// parse reads an address, which some proxies send with its port.
func parse(text string) (netip.Addr, bool) {
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return plain(address), true
	}
	address, err := netip.ParseAddrPort(text)
	return plain(address.Addr()), err == nil
}

// plain returns an IPv4 address in its own form, and an IPv6 address without its zone.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }
