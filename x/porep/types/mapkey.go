package types

import "strings"

// Names of the classes, as users write them and as keys of the store have them.
const (
	openName   = "open"
	sealedName = "sealed"
)

// MapKey names a provider's map of one class in state: the address and the name of the class, with a slash between. Without a
// class it is the address alone, for what belongs to the provider and to no map.
func MapKey(provider string, class Class) string {
	switch class {
	case CLASS_OPEN:
		return provider + "/" + openName
	case CLASS_SEALED:
		return provider + "/" + sealedName
	default:
		return provider
	}
}

// ParseMapKey returns the provider and class that a key of MapKey names.
func ParseMapKey(key string) (provider string, class Class) {
	provider, name, _ := strings.Cut(key, "/")
	switch name {
	case openName:
		return provider, CLASS_OPEN
	case sealedName:
		return provider, CLASS_SEALED
	default:
		return provider, CLASS_UNSPECIFIED
	}
}

// MapKey names the map that the unit is in.
func (u Unit) MapKey() string { return MapKey(u.Provider, u.Class) }

// MapKey names the map that the state is of.
func (s ProviderState) MapKey() string { return MapKey(s.Provider, s.Class) }

// MapKey names the map that the change is queued for.
func (c Change) MapKey() string { return MapKey(c.Provider, c.Class) }
