package node

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// setting is one line of the file: where its value lies and what it means.
type setting struct {
	section, name string
	value         any // *string, *[]string, *bool, *int, *int64 or *Duration inside a Config
	help          string
}

// settings lists every setting of c in the order of the file.
func (c *Config) settings() []setting {
	n, s, p := &c.Network, &c.Store, &c.Provider
	return []setting{
		{"network", "name", &n.Name, "Nodes of differently named networks do not find each other; normally the chain id."},
		{"network", "listen", &n.Listen, "Multiaddrs to listen on. Port 0 takes a free one. Use 0.0.0.0 to be reachable from other machines."},
		{"network", "announce", &n.Announce, "Multiaddrs told to others instead of those listened on."},
		{"network", "bootstrap", &n.Bootstrap, "Peers to stay connected to: multiaddrs that end in /p2p/<peer id>."},
		{"network", "mdns", &n.MDNS, "Find nodes of the same network on the local network."},
		{"network", "public_dht", &n.PublicDHT, "Also join the public IPFS DHT. What this node provides can then be found by everyone."},
		{"network", "nat_port_map", &n.NATPortMap, "Ask the router to forward the listening ports."},
		{"network", "autonat", &n.AutoNAT, "Find out whether this node can be reached, and help others to."},
		{"network", "relay", &n.Relay, "Be reachable through a bootstrap peer's relay."},
		{"network", "relay_service", &n.RelayService, "Let others be reached through this node."},
		{"network", "hole_punching", &n.HolePunching, "Turn relayed connections into direct ones; needs relay."},
		{"network", "max_conns", &n.MaxConns, "Connections at most."},
		{"network", "accept_puts_from", &n.AcceptPutsFrom, "Peer ids of the nodes that may have this one keep content, and give it up again (`ipdm push`). Empty: none."},
		{"network", "cache_group", &n.CacheGroup, "Nodes that cache together with this one, and stay connected to it: multiaddrs that end in /p2p/<peer id>. Each fetches and keeps a part for all; every member lists the others. Empty: none."},
		{"api", "listen", &c.API.Listen, "Where the CLI reaches the daemon. Loopback only; port 0 takes a free one, written to the file \"api\"."},
		{"metrics", "listen", &c.Metrics.Listen, "Where /metrics (Prometheus) and /healthz are served. Loopback only; empty turns them off."},
		{"store", "backend", &s.Backend, "Where content is kept: \"local\" (the folder store/) or \"s3\" (the bucket in [store.s3], with an index in the folder s3/)."},
		{"store", "index_cache_mib", &s.IndexCacheMiB, "Memory for the index."},
		{"store", "decoded_cache_mib", &s.DecodedCacheMiB, "Memory for decoded packs of small files."},
		{"store", "memory_cache_mib", &s.MemoryCacheMiB, "Memory for single blocks that are read often, large ones included. 0: none."},
		{"store", "prefetch", &s.Prefetch, "Load into memory what comes next, for peers that read content in order. An eighth of memory_cache_mib is for that; without any it is off."},
		{"store", "warm_up", &s.WarmUp, "Load into memory what was read most before a restart, while nothing else is done, and the beginning of what is usually opened next."},
		{"store", "huge_pages", &s.HugePages, "Ask the system for huge pages for the daemon's memory (Linux): it takes little more, and costs far fewer page faults."},
		{"store", "reserve_mib", &s.ReserveMiB, "Free disk space below which nothing more is stored on the local disk."},
		{"store", "quota", &s.Quota, "What the store may occupy on disk, cold_dir included, such as \"500GiB\"; more is refused. \"0\": whatever the disk has."},
		{"store", "cold_dir", &s.ColdDir, "Folder on a large, slow disk to which moves what is read least, by its full path; it must exist. Empty: everything stays in store/. Once used it stays a part of the store."},
		{"store", "hot_max", &s.HotMax, "How much stays in store/ when there is a cold_dir, such as \"100GiB\". Leave a quarter of the disk free beside it."},
		{"store", "direct_io", &s.DirectIO, "Write content past the operating system's page cache where that is possible: it costs less processor time, and what is read stays cached."},
		{"store", "encode", &s.Encode, "How puts compress unless they say otherwise: \"fast\", \"balanced\" or \"dense\"."},
		{"store", "gc_interval", &s.GCInterval, "How often is deleted what was deleted by `ipdm rm`, and cache beyond cache_max, such as \"1h\"; also when less than twice reserve_mib is free. \"0s\": only by `ipdm gc`."},
		{"store", "scrub_interval", &s.ScrubInterval, "How often everything stored is read and compared, and what is damaged fetched from other nodes. \"0s\": never."},
		{"store", "scrub_rate_mib", &s.ScrubRateMiB, "MiB a second at most that are read for that."},
		{"store", "cache_max", &s.CacheMax, "How much of what nothing keeps may stay as cache, such as \"10GiB\"; what is read least goes first. \"0\": none."},
		{"store", "keep_superseded", &s.KeepSuperseded, "How long the old version stays after an update that does not say, such as \"720h\". \"0s\": until it is deleted."},
		{"store", "reencode", &s.Reencode, "Encode anew in the background, while nothing is put or fetched: what is read often for speed, what is not read for size. No CID changes."},
		{"store", "reencode_interval", &s.ReencodeInterval, "How often to look for something to encode anew, such as \"6h\"."},
		{"store.s3", "endpoint", &s.S3.Endpoint, "The server's URL, such as \"https://s3.example.org\"; empty for AWS. http only on this machine."},
		{"store.s3", "bucket", &s.S3.Bucket, "The bucket; it must exist. The keys need to read, write, list and delete in it."},
		{"store.s3", "prefix", &s.S3.Prefix, "What the key of every object begins with. One node has it to itself."},
		{"store.s3", "region", &s.S3.Region, "The region that requests are signed for."},
		{"store.s3", "path_style", &s.S3.PathStyle, "Name the bucket in the path of URLs, not in the host name."},
		{"store.s3", "credentials_file", &s.S3.CredentialsFile, "File of keys in the format of ~/.aws/credentials. Empty: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, that file, or the machine's role."},
		{"store.s3", "profile", &s.S3.Profile, "The section of that file; empty for \"default\"."},
		{"log", "level", &c.Log.Level, "debug, info, warn or error."},
		{"log", "json", &c.Log.JSON, "One JSON object a line instead of text."},
		{"chain", "grpc", &c.Chain.GRPC, "Nodes of the chain, HOST:PORT, the preferred one first. Empty: no chain."},
		{"chain", "id", &c.Chain.ID, "The chain to follow. Empty accepts that of the first node."},
		{"chain", "gas_price", &c.Chain.GasPrice, "What is paid for a unit of gas."},
		{"chain", "keyring_backend", &c.Chain.KeyringBackend, "Where keys are kept: \"os\", \"file\" (encrypted) or \"test\" (not encrypted)."},
		{"provider", "enabled", &p.Enabled, "Store for others for money, and prove it."},
		{"provider", "key", &p.Key, "The provider's key in keyring/."},
		{"provider", "ask_price", &p.AskPrice, "Price of a GiB-hour in aipdm (10^18 aipdm = 1 IPDM)."},
		{"provider", "ask_capacity", &p.AskCapacity, "Space offered."},
		{"provider", "pledge", &p.Pledge, "Pledge in aipdm, slashed when data is lost. Capacity counts only as far as it is backed."},
		{"provider", "top_up_pledge", &p.TopUpPledge, "Add to the pledge whenever it is less than that, after a slash for instance."},
		{"provider", "region", &p.Region, "Free text of at most 32 bytes."},
		{"provider", "settle_every", &p.SettleEvery, "Collect earnings every so many windows."},
		{"provider", "max_fetches", &p.MaxFetches, "Deals fetched at a time."},
		{"provider", "seal", &p.Seal, "Take sealed replicas: they earn the storage emission, and take 12 times their sector's size of disk while they are made."},
		{"provider", "sealers", &p.Sealers, "Sectors sealed at a time. Two of them share a core, which is faster than one after the other."},
		{"provider", "seal_memory", &p.SealMemory, "What one sealer holds in memory, at least \"64MiB\". Four times the sector's size is fast, less is slower."},
		{"provider", "seal_batch_wait", &p.SealBatchWait, "How long a small replica waits for others to fill its sector. \"0s\": not at all."},
		{"provider", "max_sealing_bytes", &p.MaxSealingBytes, "Replicas that wait or are being sealed, above which new ones are refused."},
		{"provider", "scrub_interval", &p.ScrubInterval, "The time in which every sealed replica is read once and compared. \"0s\": never."},
		{"provider", "sector_dir", &p.SectorDir, "Where sectors are kept; empty for the folder sectors/ of the home."},
		{"bridge", "poll", &c.Bridge.Poll, "How often a gateway on another chain is looked at while the bridge waits for its events."},
	}
}

// EnvName returns the variable that overrides a setting.
func (s setting) envName() string {
	return "IPDM_" + strings.ToUpper(strings.ReplaceAll(s.section, ".", "_")+"_"+s.name)
}

// set gives the setting the value that text says. Lists are separated by commas.
func (s setting) set(text string) error {
	var err error
	switch v := s.value.(type) {
	case *string:
		*v = text
	case *[]string:
		*v = nil
		if text != "" {
			*v = strings.Split(text, ",")
		}
	case *bool:
		*v, err = strconv.ParseBool(text)
	case *int:
		*v, err = strconv.Atoi(text)
	case *int64:
		*v, err = strconv.ParseInt(text, 10, 64)
	case *Duration:
		err = v.UnmarshalText([]byte(text))
	default:
		err = fmt.Errorf("settings of type %T cannot be set", v)
	}
	return err
}

// toml returns the value as it stands in the file.
func (s setting) toml() string {
	switch v := s.value.(type) {
	case *string:
		return tomlString(*v)
	case *[]string:
		return tomlStrings(*v)
	case *bool:
		return strconv.FormatBool(*v)
	case *int:
		return strconv.Itoa(*v)
	case *int64:
		return strconv.FormatInt(*v, 10)
	case *Duration:
		return tomlString(v.String())
	}
	return `""`
}

// tomlStrings returns a list.
func tomlStrings(list []string) string {
	quoted := make([]string, len(list))
	for i, text := range list {
		quoted[i] = tomlString(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tomlString quotes a basic string; control characters become \u escapes.
func tomlString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// ApplyEnv overrides settings by the variables IPDM_<SECTION>_<NAME>, such as IPDM_LOG_LEVEL.
func (c *Config) ApplyEnv() error {
	var errs []error
	for _, s := range c.settings() {
		text, ok := os.LookupEnv(s.envName())
		if !ok {
			continue
		}
		if err := s.set(text); err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s: %w", s.envName(), err))
		}
	}
	return errors.Join(errs...)
}

// render returns the commented file.
func (c *Config) render() []byte {
	var b strings.Builder
	b.WriteString("# Settings of an IPDM data node. Variables IPDM_<SECTION>_<NAME> override them; restart the daemon after a change.\n")
	section := ""
	for _, s := range c.settings() {
		if s.section != section {
			section = s.section
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		fmt.Fprintf(&b, "# %s\n%s = %s\n", s.help, s.name, s.toml())
	}
	b.WriteString(c.Bridge.render())
	b.WriteString(renderFollows(c.Follow))
	return []byte(b.String())
}
