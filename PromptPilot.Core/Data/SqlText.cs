using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data;

/// <summary>Comparisons of text in queries that not every database writes in the same way.</summary>
internal static class SqlText
{
    private static readonly MethodInfo MatchesMethod = typeof(SqlText).GetMethod(nameof(Matches))!;

    /// <summary>Whether a text fits a <see cref="LikePattern"/>, ignoring case. No text fits none.</summary>
    /// <exception cref="InvalidOperationException">Called outside of a query.</exception>
    public static bool Matches(string? text, string pattern) => throw new InvalidOperationException("Only queries can use this.");

    /// <summary>Says how queries are to be translated.</summary>
    /// <param name="likeIgnoresCase">The database's LIKE ignores case by itself: SQLite's does, for ASCII.</param>
    public static void Map(ModelBuilder builder, bool likeIgnoresCase) =>
        builder
            .HasDbFunction(MatchesMethod)
            .HasTranslation(arguments =>
                likeIgnoresCase ? Like(arguments[0], arguments[1]) : Like(Lower(arguments[0]), Lower(arguments[1]))
            );

    private static LikeExpression Like(SqlExpression text, SqlExpression pattern) =>
        new(text, pattern, new SqlConstantExpression(LikePattern.Escape, StringTypeMapping.Default), BoolTypeMapping.Default);

    private static SqlFunctionExpression Lower(SqlExpression text) =>
        new("lower", [text], nullable: true, argumentsPropagateNullability: [true], typeof(string), StringTypeMapping.Default);
}
