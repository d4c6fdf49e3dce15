namespace PromptPilot.Core.Liquid.Checking;

/// <summary>The blocks that are open at a place of a template.</summary>
internal sealed class OpenBlocks
{
    private readonly Stack<(string Tag, int Offset)> _open = new();
    private int _loops;

    /// <summary>A tag was met.</summary>
    /// <exception cref="LiquidException">It does not fit here.</exception>
    public void Add(string tag, int at)
    {
        switch (tag)
        {
            case "if" or "unless" or "case" or "for" or "capture":
                _open.Push((tag, at));
                _loops += tag == "for" ? 1 : 0;
                if (_open.Count > LiquidLimits.Depth)
                {
                    throw new LiquidException($"Blocks can be nested at most {LiquidLimits.Depth} levels deep.", at);
                }

                break;
            case "endif" or "endunless" or "endcase" or "endfor" or "endcapture":
                if (!_open.TryPop(out var open))
                {
                    throw new LiquidException($"“{{% {tag} %}}” has nothing to close.", at);
                }

                if (tag != "end" + open.Tag)
                {
                    throw new LiquidException($"“{{% {tag} %}}” does not fit here: “{{% {open.Tag} %}}” is still open.", at);
                }

                _loops -= tag == "endfor" ? 1 : 0;
                break;
            case "else"
            or "elsif" when !_open.TryPeek(out var around) || around.Tag is "capture" || (tag == "elsif" && around.Tag is "for" or "case"):
                throw new LiquidException($"“{{% {tag} %}}” is not inside an if.", at);
            case "when" when !_open.TryPeek(out var around) || around.Tag != "case":
                throw new LiquidException("“{% when %}” is not inside a case.", at);
            case "break" or "continue" when _loops == 0:
                throw new LiquidException($"“{tag}” is not inside a loop.", at);
            case "raw" or "comment":
                throw Unclosed(tag, at);
            case "else"
            or "elsif"
            or "when"
            or "break"
            or "continue"
            or "assign"
            or "increment"
            or "decrement"
            or "cycle"
            or "echo"
            or "include":
                break;
            default:
                throw new LiquidException($"There is no tag “{tag}”.", at) { MayBeText = true };
        }
    }

    /// <summary>The template ends here.</summary>
    /// <exception cref="LiquidException">A block is still open.</exception>
    public void End()
    {
        if (_open.TryPeek(out var open))
        {
            throw Unclosed(open.Tag, open.Offset);
        }
    }

    public static LiquidException Unclosed(string tag, int at) => new($"“{{% {tag} %}}” is never closed by “{{% end{tag} %}}”.", at);
}
