// Judges the inputs that `nephoscope-bench evaluate --dump` wrote with OPA's own engine: one prepared query for each
// policy, compiled together once, and asked only for resources of the policy's kinds.
//
//	go run . DIR     reads DIR/policies.json, DIR/policies/*.rego and DIR/inputs.ndjson, writes DIR/opa.ndjson
//
// It prints the number of evaluations and the CPU seconds they took: reading and conversion of inputs, and writing of
// what was found, are not counted.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

type policy struct {
	ID      string         `json:"id"`
	Package string         `json:"package"`
	Kinds   []string       `json:"kinds"`
	Params  map[string]any `json:"params"`
}

type judged struct {
	id     string
	query  rego.PreparedEvalQuery
	params *ast.Term
}

type input struct {
	Kind  string          `json:"kind"`
	Key   string          `json:"key"`
	Input json.RawMessage `json:"input"`
}

type found struct {
	Policy string `json:"policy"`
	Key    string `json:"key"`
	Denies any    `json:"denies"`
}

// What is read before it is judged, so that reading is not counted.
const batch = 1000

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: go run . DIR"))
	}
	if err := run(os.Args[1]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(2)
}

func run(dir string) error {
	byKind, err := prepare(dir)
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(dir, "inputs.ndjson"))
	if err != nil {
		return err
	}
	defer file.Close()
	written, err := os.Create(filepath.Join(dir, "opa.ndjson"))
	if err != nil {
		return err
	}
	defer written.Close()
	out := bufio.NewWriter(written)
	lines := bufio.NewReaderSize(file, 1<<20)
	var evaluations int
	var seconds float64
	for {
		inputs, values, err := read(lines)
		if err != nil {
			return err
		}
		if len(inputs) == 0 {
			break
		}
		before := cpu()
		results := make([]found, 0, 4*len(inputs))
		for i, one := range inputs {
			for _, policy := range byKind[one.Kind] {
				values[i].Insert(ast.StringTerm("params"), policy.params)
				set, err := policy.query.Eval(context.Background(), rego.EvalParsedInput(values[i]))
				if err != nil {
					return fmt.Errorf("%s over %s: %w", policy.id, one.Key, err)
				}
				evaluations++
				results = append(results, found{policy.id, one.Key, set[0].Expressions[0].Value})
			}
		}
		seconds += cpu() - before
		encoder := json.NewEncoder(out)
		for _, result := range results {
			if err := encoder.Encode(result); err != nil {
				return err
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Printf("%d %.3f\n", evaluations, seconds)
	return nil
}

func prepare(dir string) (map[string][]judged, error) {
	text, err := os.ReadFile(filepath.Join(dir, "policies.json"))
	if err != nil {
		return nil, err
	}
	var policies []policy
	if err := json.Unmarshal(text, &policies); err != nil {
		return nil, err
	}
	modules := map[string]*ast.Module{}
	files, err := filepath.Glob(filepath.Join(dir, "policies", "*.rego"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		module, err := ast.ParseModule(file, string(text))
		if err != nil {
			return nil, err
		}
		modules[file] = module
	}
	compiler := ast.NewCompiler()
	if compiler.Compile(modules); compiler.Failed() {
		return nil, compiler.Errors
	}
	byKind := map[string][]judged{}
	for _, one := range policies {
		parts := strings.Split(one.Package, ".")
		query, err := rego.New(
			rego.Query("data."+strings.Join(parts, ".")+".deny"),
			rego.Compiler(compiler),
		).PrepareForEval(context.Background())
		if err != nil {
			return nil, err
		}
		params, err := ast.InterfaceToValue(one.Params)
		if err != nil {
			return nil, err
		}
		for _, kind := range one.Kinds {
			byKind[kind] = append(byKind[kind], judged{one.ID, query, ast.NewTerm(params)})
		}
	}
	return byKind, nil
}

func read(lines *bufio.Reader) ([]input, []ast.Object, error) {
	var inputs []input
	var values []ast.Object
	for len(inputs) < batch {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		var one input
		if err := json.Unmarshal(line, &one); err != nil {
			return nil, nil, err
		}
		value, err := ast.ValueFromReader(strings.NewReader(string(one.Input)))
		if err != nil {
			return nil, nil, err
		}
		object, ok := value.(ast.Object)
		if !ok {
			return nil, nil, fmt.Errorf("an input that is no object: %s", one.Key)
		}
		one.Input = nil
		inputs = append(inputs, one)
		values = append(values, object)
	}
	return inputs, values, nil
}

// cpu returns the CPU seconds of this process.
func cpu() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	seconds := func(time syscall.Timeval) float64 { return float64(time.Sec) + float64(time.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}
