// Package rows is the form in which the index records of a store name the blocks of an encoding. The stores in the folders beside share it. A
// row is, big endian:
//
//	codec 1 | digest 32 | size 4
package rows
