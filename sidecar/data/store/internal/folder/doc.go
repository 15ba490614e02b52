// Package folder makes and locks the local folder of a store: section 4.3 of the specification paper (storage).
package folder
