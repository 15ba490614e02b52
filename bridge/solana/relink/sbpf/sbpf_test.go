package sbpf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	images = "../../program/image/"
	small  = "testdata/small.o" // of small.c, next to it
)

func read(t testing.TB, path string) []byte {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return raw
}

func TestLinkGivesTheCommittedImages(t *testing.T) {
	object, err := Parse(read(t, images+"ipdm.o"))
	require.NoError(t, err)
	for name, version := range map[string]Version{"ipdm_v3.so": V3, "ipdm_v0.so": V0} {
		image, err := object.Link(version)
		require.NoError(t, err)
		require.True(t, bytes.Equal(read(t, images+name), image), "%s is not what ipdm.o links to: run make solana-program", name)
	}
}

func TestStaticImage(t *testing.T) {
	object, err := Parse(read(t, small))
	require.NoError(t, err)
	image, err := object.Link(V3)
	require.NoError(t, err)
	file, err := elf.NewFile(bytes.NewReader(image))
	require.NoError(t, err)
	require.EqualValues(t, machineSBPF, file.Machine)
	require.EqualValues(t, 3, binary.LittleEndian.Uint32(image[48:]), "flags name the version")
	require.EqualValues(t, programStart, file.Entry)
	require.Empty(t, file.Sections)
	require.Len(t, file.Progs, 2)

	data, code := file.Progs[0], file.Progs[1]
	require.Equal(t, elf.PF_R, data.Flags)
	require.Equal(t, elf.PF_X, code.Flags)
	require.Equal(t, data.Off+data.Filesz, code.Off)
	require.Len(t, image, int(code.Off+code.Filesz))

	// names: two pointers, each to a string of the data
	rodata := image[data.Off:code.Off]
	for i, name := range []string{"even", "odd"} {
		at := binary.LittleEndian.Uint64(rodata[8*i:])
		require.Equal(t, name+"\x00", string(rodata[at:at+uint64(len(name))+1]))
	}
	text := image[code.Off:]
	for at, hash := range map[int]uint32{5: 0x207559bd, 11: 0x5c2a3178} { // of sol_log_ and sol_log_64_, as solana-sbpf has them
		require.Equal(t, []byte{opCall, 0, 0, 0}, text[8*at:8*at+4])
		require.Equal(t, hash, binary.LittleEndian.Uint32(text[8*at+4:]))
	}
	require.Equal(t, []byte{opCall, 0x10, 0, 0, 11, 0, 0, 0}, text[16:24], "the call within the program is as clang left it")
}

func TestDynamicImage(t *testing.T) {
	object, err := Parse(read(t, small))
	require.NoError(t, err)
	image, err := object.Link(V0)
	require.NoError(t, err)
	file, err := elf.NewFile(bytes.NewReader(image))
	require.NoError(t, err)
	require.EqualValues(t, machineSBPF, file.Machine)
	text := file.Section(".text")
	require.NotNil(t, text)
	require.Equal(t, text.Addr, file.Entry)
	for _, s := range file.Sections[1:] {
		require.Equal(t, s.Offset, s.Addr, "%s lies where its address says", s.Name)
	}
	symbols, err := file.DynamicSymbols()
	require.NoError(t, err)
	require.Len(t, symbols, 2)
	require.Equal(t, "sol_log_", symbols[0].Name)
	require.Equal(t, "sol_log_64_", symbols[1].Name)
	relocations, err := file.Section(".rel.dyn").Data()
	require.NoError(t, err)
	want := []uint64{text.Addr + 5*8, 1<<32 | relocCall, text.Addr + 11*8, 2<<32 | relocCall}
	for i, w := range want {
		require.Equal(t, w, binary.LittleEndian.Uint64(relocations[8*i:]))
	}
	rodata := file.Section(".rodata")
	pointers, err := rodata.Data()
	require.NoError(t, err)
	at := binary.LittleEndian.Uint64(pointers) - programStart
	require.Equal(t, "even\x00", string(image[at:at+5]))
}

func TestLinkLeavesTheObjectAsItIs(t *testing.T) {
	object, err := Parse(read(t, small))
	require.NoError(t, err)
	first, err := object.Link(V3)
	require.NoError(t, err)
	_, err = object.Link(V0)
	require.NoError(t, err)
	again, err := object.Link(V3)
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = object.Link(1)
	require.ErrorIs(t, err, ErrVersion)
}

// section returns where the header of a section lies in an object.
func section(t *testing.T, raw []byte, name string) []byte {
	file, err := elf.NewFile(bytes.NewReader(raw))
	require.NoError(t, err)
	i := slices.IndexFunc(file.Sections, func(s *elf.Section) bool { return s.Name == name })
	require.Positive(t, i, name)
	at := binary.LittleEndian.Uint64(raw[40:]) + uint64(i)*sectionHeaderBytes
	return raw[at : at+sectionHeaderBytes]
}

// body returns the bytes of a section in an object.
func body(t *testing.T, raw []byte, name string) []byte {
	header := section(t, raw, name)
	at, size := binary.LittleEndian.Uint64(header[24:]), binary.LittleEndian.Uint64(header[32:])
	return raw[at : at+size]
}

func TestParseRefuses(t *testing.T) {
	put64 := binary.LittleEndian.PutUint64
	cases := map[string]struct {
		change func(raw []byte) []byte
		why    string
	}{
		"nothing":                     {func([]byte) []byte { return nil }, "EOF"},
		"no ELF":                      {func(raw []byte) []byte { raw[0] = 0; return raw }, "magic"},
		"half an object":              {func(raw []byte) []byte { return raw[:len(raw)/2] }, "EOF"},
		"an object for x86-64":        {func(raw []byte) []byte { raw[18] = byte(elf.EM_X86_64); return raw }, "expected a relocatable eBPF object"},
		"an executable":               {func(raw []byte) []byte { raw[16] = byte(elf.ET_EXEC); return raw }, "expected a relocatable eBPF object"},
		"more than 10 MiB":            {func(raw []byte) []byte { return append(raw, make([]byte, MaxObjectBytes)...) }, "more than"},
		"no entrypoint":               {func(raw []byte) []byte { copy(raw[bytes.Index(raw, []byte("entrypoint")):], "exit"); return raw }, "no symbol entrypoint"},
		"writable data":               {func(raw []byte) []byte { section(t, raw, ".rodata")[8] |= byte(elf.SHF_WRITE); return raw }, "writable"},
		"code in a second section":    {func(raw []byte) []byte { section(t, raw, ".rodata")[8] |= byte(elf.SHF_EXECINSTR); return raw }, "one section of code"},
		"relocations with addends":    {func(raw []byte) []byte { section(t, raw, ".rel.text")[4] = 4; return raw }, "with addends"}, // the type of those
		"a relocation cut short":      {func(raw []byte) []byte { section(t, raw, ".rel.text")[32]--; return raw }, "not a multiple"},
		"a call outside the code":     {func(raw []byte) []byte { put64(body(t, raw, ".rel.text"), 1<<40); return raw }, "no call there"},
		"a call between instructions": {func(raw []byte) []byte { put64(body(t, raw, ".rel.text"), 0x29); return raw }, "no call there"},
		"an unknown symbol":           {func(raw []byte) []byte { put64(body(t, raw, ".rel.text")[8:], 1000<<32|relocCall); return raw }, "names symbol 1000"},
		"no symbol":                   {func(raw []byte) []byte { put64(body(t, raw, ".rel.text")[8:], relocCall); return raw }, "names symbol 0"},
		"an unknown type":             {func(raw []byte) []byte { body(t, raw, ".rel.text")[8] = 77; return raw }, "type 77"},
		"a pointer outside the data":  {func(raw []byte) []byte { put64(body(t, raw, ".rel.rodata"), ^uint64(0)-3); return raw }, "outside the data"},
		"a pointer past the data":     {func(raw []byte) []byte { put64(body(t, raw, ".rodata"), 1<<20); return raw }, "behind the"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.change(slices.Clone(read(t, small))))
			require.ErrorIs(t, err, ErrObject)
			require.ErrorContains(t, err, c.why)
		})
	}
}

// FuzzParse links whatever parses: the images hold all of it and little more.
func FuzzParse(f *testing.F) {
	f.Add(read(f, small))
	f.Fuzz(func(t *testing.T, raw []byte) {
		object, err := Parse(raw)
		if err != nil {
			require.ErrorIs(t, err, ErrObject)
			return
		}
		for _, v := range []Version{V3, V0} {
			image, err := object.Link(v)
			require.NoError(t, err)
			least := len(object.text) + len(object.rodata)
			require.Greater(t, len(image), least)
			// a syscall takes a relocation, and the first of its name a symbol and the name
			require.Less(t, len(image), least+2048+len(object.calls)*(relocationBytes+symbolBytes+65))
		}
	})
}
