using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace PromptPilot.Core.Shared.Liquid;

/// <summary>How a block ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>One rendering: its variables, its output and what it has used of the limits.</summary>
internal sealed class LiquidState(IReadOnlyDictionary<string, JsonElement> values, CancellationToken cancellationToken)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);
    private Dictionary<string, long>? _counters;
    private Dictionary<string, int>? _cycles;
    private long _work;
    private int _rounds;

    public StringBuilder Output { get; private set; } = new();

    public ForLoop? Loop { get; set; }

    public object? Read(string name)
    {
        if (_variables.TryGetValue(name, out var value))
        {
            return value;
        }

        if (_counters is not null && _counters.TryGetValue(name, out var count))
        {
            return count;
        }

        value = values.TryGetValue(name, out var json) ? LiquidValue.FromJson(json) : null;
        _variables[name] = value;
        return value;
    }

    public void Assign(string name, object? value) => _variables[name] = value;

    /// <summary>Gives a name a value for a while; <paramref name="restore"/> brings back what it had.</summary>
    public void Shadow(string name, out Action restore)
    {
        var had = _variables.TryGetValue(name, out var old);
        restore = () =>
        {
            if (had)
            {
                _variables[name] = old;
            }
            else
            {
                _variables.Remove(name);
            }
        };
    }

    public long Count(string name, int step)
    {
        _counters ??= new(StringComparer.Ordinal);
        var before = _counters.GetValueOrDefault(name);
        _counters[name] = before + step;
        return step > 0 ? before : before + step;
    }

    public int NextOfCycle(string key, int length)
    {
        _cycles ??= new(StringComparer.Ordinal);
        var index = _cycles.GetValueOrDefault(key) % length;
        _cycles[key] = index + 1;
        return index;
    }

    public void Write(string text, int offset)
    {
        if (Output.Length + (long)text.Length > LiquidLimits.Output)
        {
            throw new LiquidException("The rendered text is longer than 4 million characters.", offset);
        }

        Output.Append(text);
    }

    public string Capture(Action render, int offset)
    {
        var outer = Output;
        Output = new StringBuilder();
        render();
        var text = Output.ToString();
        Output = outer;
        Charge(text.Length, offset);
        return text;
    }

    /// <summary>Counts one round of a loop.</summary>
    public void Round(int offset)
    {
        if (++_rounds > LiquidLimits.Rounds)
        {
            throw new LiquidException("The loops of this template make more than 100,000 rounds.", offset);
        }

        CheckTime(offset);
    }

    /// <summary>Counts text that was made on the way.</summary>
    public void Charge(long characters, int offset)
    {
        _work += characters;
        if (characters > LiquidLimits.Output || _work > LiquidLimits.Work)
        {
            throw new LiquidException("This template makes too much text.", offset);
        }
    }

    public void CheckTime(int offset)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Stopwatch.GetElapsedTime(_started) > LiquidLimits.Time)
        {
            throw new LiquidException("This template takes longer than two seconds.", offset);
        }
    }
}

/// <summary>What a template sees as <c>forloop</c>.</summary>
internal sealed class ForLoop(int length, ForLoop? parent)
{
    public int Index { get; set; }

    public object? Member(string name) => name switch
    {
        "index" => (long)Index + 1,
        "index0" => (long)Index,
        "rindex" => (long)length - Index,
        "rindex0" => (long)length - Index - 1,
        "first" => Index == 0,
        "last" => Index == length - 1,
        "length" => (long)length,
        "parentloop" => parent,
        _ => null,
    };
}
