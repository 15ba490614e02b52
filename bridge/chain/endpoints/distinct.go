package endpoints

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// defaultPorts are those that a URL of a scheme need not name.
var defaultPorts = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}

// Distinct fails if two URLs are of the same host and port: what they agree on would count as said by two. The error tells the host only,
// as the rest may hold an access key. URLs that are malformed are passed over.
func Distinct(urls []string) error {
	first := map[string]int{}
	for i, text := range urls {
		at, err := url.Parse(text)
		if err != nil || at.Host == "" {
			continue
		}
		host := strings.TrimSuffix(strings.ToLower(at.Hostname()), ".")
		if port := at.Port(); port != "" && port != defaultPorts[strings.ToLower(at.Scheme)] {
			host = net.JoinHostPort(host, port)
		}
		if other, named := first[host]; named {
			return fmt.Errorf("endpoints %d and %d are the same, %s, and would count as two: name one of another operator", other+1, i+1, host)
		}
		first[host] = i
	}
	return nil
}
